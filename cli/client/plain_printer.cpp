#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "cli/client/escape.hpp"
#include "cli/client/printer.hpp"
#include "common/printable.hpp"

namespace raftkv::cli::client {

namespace {

using protocol::ReplyKind;

class PlainPrinter : public Printer {
  public:
    explicit PlainPrinter(const PrinterOptions& options) : options_(options) {}

    ExitCode outcome(const Statement& statement, const Outcome& outcome) override {
        const Verdict verdict = judge(statement, outcome.result);
        if (verdict.exit != ExitCode::done) {
            complain(fmt::format("{}{}{}", prefix(statement, outcome), verdict.message,
                                 verdict.code.empty() ? "" : fmt::format(" ({})", verdict.code)),
                     verdict.advice);
            return verdict.exit;
        }
        return print(result(*outcome.result));
    }

    ExitCode status(const std::vector<NodeReport>& shown, const NodeReport* leader) override {
        return print(status_table(shown, leader, options_.colors), status_exit(shown, leader));
    }

    ExitCode error(const Error& error) override {
        complain(error.message, "");
        return exit_code(error.kind);
    }

    ExitCode text(std::string_view text) override { return print(text); }

  private:
    // An error of the client names the command itself.
    static std::string prefix(const Statement& statement, const Outcome& outcome) {
        return outcome.result ? describe(statement) + ": " : "";
    }

    void complain(std::string_view message, std::string_view advice) const {
        std::string text = fmt::format("raftkv client: {}{}\n", where(), message);
        if (!advice.empty()) text += fmt::format("  {}\n", advice);
        std::fwrite(text.data(), 1, text.size(), stderr);
    }

    std::string result(const OwnedReply& reply) const {
        const std::string value = shown(reply.value);
        switch (reply.kind) {
            case ReplyKind::ok:
                return fmt::format("{}\n", reply.version);
            case ReplyKind::value:
                return ended(value);
            case ReplyKind::value_meta:
                return options_.style == Style::lines
                           ? fmt::format("{} {} {}\n", reply.version, reply.exptime_s, value)
                           : fmt::format("{} {}\n{}", reply.version, reply.exptime_s, ended(value));
            case ReplyKind::deleted:
                return options_.style == Style::lines ? "deleted\n" : "";
            default:
                return {};
        }
    }

    // Whatever somebody stored must not give orders to a terminal. A program gets the bytes.
    std::string shown(const std::string& value) const {
        if (options_.hex) return to_hex(value);
        if (::isatty(STDOUT_FILENO) == 0) return value;
        return options_.style == Style::lines ? printable_line(value) : printable_text(value);
    }

    // A single value goes out as it is, so that `get key > file` gives the file that was put in.
    // On a terminal it gets a line of its own.
    std::string ended(std::string value) const {
        const bool bare =
            options_.style == Style::value && !options_.hex && !::isatty(STDOUT_FILENO);
        if (!bare && (options_.style == Style::lines || value.empty() || value.back() != '\n')) {
            value += '\n';
        }
        return value;
    }

    PrinterOptions options_;
};

}  // namespace

std::unique_ptr<Printer> make_plain_printer(const PrinterOptions& options) {
    return std::make_unique<PlainPrinter>(options);
}

}  // namespace raftkv::cli::client
