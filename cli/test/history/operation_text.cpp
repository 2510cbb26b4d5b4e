#include "cli/test/history/operation_text.hpp"

#include <fmt/format.h>

#include "common/check.hpp"

namespace raftkv::test {
namespace {

using protocol::Op;

double in_seconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

std::string exptime_text(const Operation& op) {
    return op.exptime_s == 0 ? "" : fmt::format(", exptime {} s", op.exptime_s);
}

std::string command_text(const Operation& op) {
    std::string text = fmt::format("{} {}", protocol::name_of(op.op), op.key);
    if (op.puts()) text += fmt::format(" to value {:016x}", op.fingerprint);
    if (op.op == Op::cas) text += fmt::format(", if version {}", op.expected);
    if (op.puts()) text += exptime_text(op);
    return text;
}

std::string success_text(const Operation& op) {
    switch (op.op) {
        case Op::set:
        case Op::cas:
            return fmt::format("OK, version {}", op.version);
        case Op::get:
            return fmt::format("value {:016x}", op.fingerprint);
        case Op::getm:
            return fmt::format("value {:016x}, version {}{}", op.fingerprint, op.version,
                               exptime_text(op));
        case Op::del:
            return "deleted";
    }
    check_failed("known Op", __FILE__, __LINE__);
}

std::string answer_text(const Operation& op) {
    switch (op.outcome) {
        case Outcome::ok:
            return success_text(op);
        case Outcome::absent:
            return "not found";
        case Outcome::conflict:
            return op.op == Op::set ? "refused: it exists" : "refused: another version";
        case Outcome::not_done:
            return "not done";
        case Outcome::unknown:
            return "no answer";
    }
    check_failed("known Outcome", __FILE__, __LINE__);
}

}  // namespace

std::string line_of(const Operation& operation, Instant epoch) {
    const std::string who =
        operation.client == observer ? "final state" : fmt::format("client {}", operation.client);
    return fmt::format("{:>10.6f} s to {:>10.6f} s  {:<11}  {:<52}  {}",
                       in_seconds(operation.start - epoch), in_seconds(operation.end - epoch), who,
                       command_text(operation), answer_text(operation));
}

}  // namespace raftkv::test
