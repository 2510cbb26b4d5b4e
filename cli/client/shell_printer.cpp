#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "cli/client/escape.hpp"
#include "cli/client/printer.hpp"

namespace raftkv::cli::client {

namespace {

using protocol::ReplyKind;

// A value of a megabyte would push everything else off the screen.
constexpr std::size_t shown_of_a_value = 2000;

class ShellPrinter : public Printer {
  public:
    explicit ShellPrinter(const PrinterOptions& options) : options_(options) {}

    ExitCode outcome(const Statement& statement, const Outcome& outcome) override {
        const Verdict verdict = judge(statement, outcome.result);
        const std::string elapsed = dim(elapsed_text(outcome.elapsed));
        if (verdict.exit != ExitCode::done) {
            return print(problem(verdict, elapsed), verdict.exit);
        }
        return print(result(*outcome.result, elapsed));
    }

    ExitCode status(const std::vector<NodeReport>& shown, const NodeReport* leader) override {
        return print(status_table(shown, leader, options_.colors), status_exit(shown, leader));
    }

    ExitCode error(const Error& error) override {
        return print(red(error.message) + "\n", exit_code(error.kind));
    }

    ExitCode text(std::string_view text) override { return print(text); }

  private:
    std::string problem(const Verdict& verdict, std::string_view elapsed) const {
        std::string text = verdict.code.empty() ? "" : red(verdict.code) + "  ";
        text += fmt::format("{}  {}\n", verdict.message, elapsed);
        if (!verdict.advice.empty()) text += fmt::format("  {}\n", dim(verdict.advice));
        return text;
    }

    std::string result(const OwnedReply& reply, std::string_view elapsed) const {
        switch (reply.kind) {
            case ReplyKind::ok:
                return fmt::format("OK, version {}  {}\n", reply.version, elapsed);
            case ReplyKind::value:
                return fmt::format("{}  {}\n", value(reply.value), elapsed);
            case ReplyKind::value_meta:
                return fmt::format("{}  version {}, exptime {}  {}\n", value(reply.value),
                                   reply.version, exptime(reply.exptime_s), elapsed);
            case ReplyKind::deleted:
                return fmt::format("deleted  {}\n", elapsed);
            default:
                return {};
        }
    }

    std::string value(std::string_view bytes) const {
        const std::string_view shown = bytes.substr(0, shown_of_a_value);
        std::string text =
            options_.hex ? to_hex(shown) : fmt::format("\"{}\"", escaped_text(shown));
        if (shown.size() < bytes.size()) {
            text += fmt::format(" and {} bytes more", bytes.size() - shown.size());
        }
        return text;
    }

    static std::string exptime(std::uint32_t seconds) {
        return seconds == 0 ? "0 (never expires)" : fmt::format("{} s", seconds);
    }

    std::string dim(std::string_view text) const { return colored("\x1b[2m", text); }
    std::string red(std::string_view text) const { return colored("\x1b[31m", text); }
    std::string colored(std::string_view color, std::string_view text) const {
        return options_.colors ? fmt::format("{}{}\x1b[0m", color, text) : std::string(text);
    }

    PrinterOptions options_;
};

}  // namespace

std::unique_ptr<Printer> make_shell_printer(const PrinterOptions& options) {
    return std::make_unique<ShellPrinter>(options);
}

}  // namespace raftkv::cli::client
