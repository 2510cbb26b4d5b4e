#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/client/connection.hpp"
#include "cli/client/escape.hpp"
#include "cli/client/executor.hpp"
#include "cli/client/status_command.hpp"
#include "common/check.hpp"
#include "common/protocol/parser.hpp"

namespace raftkv::cli::client {

namespace {

using protocol::ParsedReply;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// After bytes that make no known command nobody can say when the answer is complete: it is when
// the node has been silent for this long, and at first it gets a second.
constexpr milliseconds silence{100};
constexpr milliseconds first_answer{1000};
// A megabyte of escaped bytes helps nobody.
constexpr std::size_t shown_of_an_answer = 4000;

class RawExecutor : public Executor {
  public:
    RawExecutor(const Target& target, const ExecutorOptions& options, bool colors, Printer& printer)
        : target_(target),
          node_(target.endpoints()[*target.start_at]),
          options_(options),
          colors_(colors),
          printer_(printer) {}

    ExitCode execute(const Statement& statement) override {
        if (statement.verb == Verb::status) {
            return show_status(target_, statement.topic, options_.timeout, printer_);
        }
        deadline_ = steady_clock::now() + options_.timeout;
        if (auto error = ready()) return printer_.error(*error);
        std::string bytes = statement.value;
        if (statement.is_request()) {
            bytes.clear();
            protocol::format(statement.request(), bytes);
        }
        sent_at_ = steady_clock::now();
        const auto sent = connection_->send(bytes, deadline_);
        arrow("->", std::string_view(bytes).substr(0, connection_->sent()), "");
        if (!sent) return lost(sent.error());
        return statement.is_request() ? await_reply(statement) : await_silence();
    }

    Prompt prompt() override { return {node_.name(), "raw"}; }
    void doubt() override {}

  private:
    // A connection that is open; shows what came over it unasked, and its end.
    std::optional<Error> ready() {
        while (connection_ && connection_->is_stale() && steady_clock::now() < deadline_) {
            take_more(deadline_);
        }
        if (connection_) return std::nullopt;
        auto made = NodeConnection::connect(node_.host, node_.port, deadline_, options_.cancel_fd);
        if (!made) return made.error();
        connection_.emplace(std::move(*made));
        note(fmt::format("connected to {} ({})", node_.name(), node_.address()));
        return std::nullopt;
    }

    // Shows what arrives next. Nothing when the connection has ended, which is shown too.
    std::optional<std::string> take_more(Deadline deadline) {
        std::string bytes;
        const auto count = connection_->receive_bytes(bytes, deadline);
        const auto elapsed = duration_cast<microseconds>(steady_clock::now() - sent_at_);
        if (count && *count > 0) {
            arrow("<-", bytes, elapsed_text(elapsed));
            return bytes;
        }
        failure_ =
            count ? Error{ErrorKind::unavailable, "the node closed the connection"} : count.error();
        if (count || steady_clock::now() < deadline) {
            note(failure_->message);
            connection_.reset();
        }
        return std::nullopt;
    }

    ExitCode await_reply(const Statement& statement) {
        std::string received;
        while (true) {
            const auto bytes = take_more(deadline_);
            if (!bytes) return lost(*failure_);
            received += *bytes;
            const auto parsed = protocol::parse_reply(received, statement.request().op);
            if (parsed.status == ParsedReply::Status::reply)
                return explain(statement, parsed.reply);
            if (parsed.status == ParsedReply::Status::malformed) {
                note("this is no reply of the protocol");
                connection_.reset();
                return ExitCode::failed;
            }
        }
    }

    ExitCode await_silence() {
        Deadline until = std::min(deadline_, steady_clock::now() + first_answer);
        bool answered = false;
        while (take_more(until)) {
            answered = true;
            until = std::min(deadline_, steady_clock::now() + silence);
        }
        if (failure_->kind == ErrorKind::interrupted) return ExitCode::interrupted;
        if (!answered && connection_) note("no answer (yet)");
        return ExitCode::done;
    }

    // The reply in words: --raw is for learning, too.
    ExitCode explain(const Statement& statement, const protocol::Reply& reply) {
        OwnedReply owned;
        owned.kind = reply.kind;
        owned.leader = reply.leader;
        owned.why_unknown = "the node cannot tell";
        const Verdict verdict = judge(statement, owned);
        if (!verdict.message.empty()) note(verdict.message);
        return verdict.exit;
    }

    ExitCode lost(const Error& error) {
        connection_.reset();
        return printer_.error({error.kind, fmt::format("{}: {}", node_.name(), error.message)});
    }

    void arrow(std::string_view direction, std::string_view bytes, std::string_view elapsed) const {
        const std::string_view shown = bytes.substr(0, shown_of_an_answer);
        const std::string size =
            fmt::format("{} byte{}", bytes.size(), bytes.size() == 1 ? "" : "s");
        print(fmt::format(
            "{} \"{}\"{}  {}{}\n", paint(direction == "->" ? "\x1b[36m" : "\x1b[32m", direction),
            escaped(shown), shown.size() < bytes.size() ? "..." : "", paint("\x1b[2m", size),
            elapsed.empty() ? "" : paint("\x1b[2m", fmt::format(", {}", elapsed))));
    }

    void note(std::string_view text) const {
        print(paint("\x1b[2m", fmt::format("   # {}", text)) + "\n");
    }

    std::string paint(std::string_view color, std::string_view text) const {
        return colors_ ? fmt::format("{}{}\x1b[0m", color, text) : std::string(text);
    }

    const Target target_;
    const Endpoint node_;
    const ExecutorOptions options_;
    const bool colors_;
    Printer& printer_;
    std::optional<NodeConnection> connection_;
    Deadline deadline_{};           // of the statement that is carried out
    Deadline sent_at_{};            // when its bytes went out
    std::optional<Error> failure_;  // why the last take_more() brought nothing
};

}  // namespace

std::unique_ptr<Executor> make_raw_executor(const Target& target, const ExecutorOptions& options,
                                            bool colors, Printer& printer) {
    RAFTKV_CHECK(target.start_at.has_value());
    return std::make_unique<RawExecutor>(target, options, colors, printer);
}

}  // namespace raftkv::cli::client
