#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client/node_report.hpp"
#include "cli/client/statement.hpp"
#include "cli/client/verdict.hpp"
#include "common/error.hpp"

namespace raftkv::cli::client {

// Says what came of a command, for one kind of reader. Every function returns the exit code that
// the command deserves, or `io` when the output could not be written.
class Printer {
  public:
    virtual ~Printer() = default;
    virtual ExitCode outcome(const Statement& statement, const Outcome& outcome) = 0;
    virtual ExitCode status(const std::vector<NodeReport>& shown, const NodeReport* leader) = 0;
    // What went wrong before there was a command to carry out.
    virtual ExitCode error(const Error& error) = 0;
    // Text for people, such as help.
    virtual ExitCode text(std::string_view text) = 0;

    // What goes wrong from now on is of this line of a script, or of none.
    void at_line(std::optional<std::size_t> number) { line_ = number; }

  protected:
    std::string where() const;  // "line 3: ", or nothing
    std::optional<std::size_t> line_;
};

enum class Style {
    value,  // one command: the bare result on stdout, problems on stderr
    lines,  // many commands: a result a line on stdout, problems on stderr
    shell,  // a person at a terminal: values quoted and cut, with times
    json,   // an object a line on stdout, problems too
};

struct PrinterOptions {
    Style style = Style::value;
    bool hex = false;     // values as hex digits
    bool colors = false;  // on stdout
};

std::unique_ptr<Printer> make_printer(const PrinterOptions& options);

std::unique_ptr<Printer> make_plain_printer(const PrinterOptions& options);
std::unique_ptr<Printer> make_shell_printer(const PrinterOptions& options);
std::unique_ptr<Printer> make_json_printer(const PrinterOptions& options);

// Writes all of it to stdout and flushes; io when that fails, else `exit`.
ExitCode print(std::string_view bytes, ExitCode exit = ExitCode::done);

// Whether colors are wanted on a descriptor: a terminal, and no NO_COLOR in the environment.
bool wants_colors(int fd);

}  // namespace raftkv::cli::client
