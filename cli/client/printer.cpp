#include "cli/client/printer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "cli/command_line/standard_output.hpp"

namespace raftkv::cli::client {

std::unique_ptr<Printer> make_printer(const PrinterOptions& options) {
    if (options.style == Style::json) return make_json_printer(options);
    if (options.style == Style::shell) return make_shell_printer(options);
    return make_plain_printer(options);
}

std::string Printer::where() const {
    return line_ ? fmt::format("line {}: ", *line_) : "";
}

ExitCode print(std::string_view bytes, ExitCode exit) {
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() &&
                         std::fflush(stdout) == 0;
    return written && output_works() ? exit : ExitCode::io;
}

bool wants_colors(int fd) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool forbidden = no_color != nullptr && *no_color != '\0';
    const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return !forbidden && !dumb && ::isatty(fd) != 0;
}

}  // namespace raftkv::cli::client
