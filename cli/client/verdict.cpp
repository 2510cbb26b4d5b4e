#include "cli/client/verdict.hpp"

#include <fmt/format.h>

#include <utility>

namespace raftkv::cli::client {

namespace {

using protocol::ReplyKind;

Verdict judge_error(const Error& error) {
    Verdict verdict{exit_code(error.kind), name_of(error.kind), "", error.message, ""};
    if (error.kind == ErrorKind::unavailable) {
        verdict.advice =
            "`raftkv cluster status` shows which nodes are up; --timeout gives them longer";
    }
    return verdict;
}

Verdict judge_version_error(const Statement& statement) {
    if (statement.verb == Verb::set) {
        return {ExitCode::failed, "version_mismatch", "ERR_VERSION",
                "the key exists already, and set only creates",
                "cas replaces a value, delete makes room for a new one"};
    }
    return {ExitCode::failed, "version_mismatch", "ERR_VERSION",
            fmt::format("the key's version is not {}: somebody else was faster", statement.version),
            "getm shows the version that it has now"};
}

}  // namespace

Verdict judge(const Statement& statement, const Result<OwnedReply>& result) {
    if (!result) return judge_error(result.error());
    switch (result->kind) {
        case ReplyKind::ok:
        case ReplyKind::value:
        case ReplyKind::value_meta:
        case ReplyKind::deleted:
            return {ExitCode::done, "ok", "", "", ""};
        case ReplyKind::version_err:
            return judge_version_error(statement);
        case ReplyKind::not_found:
            return {ExitCode::failed, "not_found", "ERR_NOT_FOUND", "there is no such key", ""};
        case ReplyKind::cmd_err:
            return {ExitCode::failed, "refused", "ERR_CMD_ERR",
                    "the node takes the command for malformed",
                    "is the value longer than the nodes allow (1 MiB unless configured)?"};
        case ReplyKind::internal:
            return {ExitCode::undecided, "unknown", "ERR_INTERNAL",
                    fmt::format("the outcome is not known: {}", result->why_unknown),
                    "it may or may not have been done, and was not tried again; get the key to "
                    "find out"};
        case ReplyKind::redirect:
            return {ExitCode::failed, "redirect", "REDIRECT",
                    fmt::format("not done; node {} is the leader", result->leader.value()), ""};
    }
    return {};
}

std::string describe(const Statement& statement) {
    const auto op = statement.request().op;
    return fmt::format("{} {}", protocol::name_of(op), statement.key);
}

std::string elapsed_text(std::chrono::microseconds elapsed) {
    const auto us = static_cast<double>(elapsed.count());
    if (us < 10'000) return fmt::format("{:.2f} ms", us / 1e3);
    if (us < 1'000'000) return fmt::format("{:.0f} ms", us / 1e3);
    return fmt::format("{:.2f} s", us / 1e6);
}

}  // namespace raftkv::cli::client
