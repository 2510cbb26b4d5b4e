#include "cli/client/printer.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace raftkv::cli::client {

std::unique_ptr<Printer> make_printer(const PrinterOptions& options) {
    if (options.style == Style::json) return make_json_printer(options);
    if (options.style == Style::shell) return make_shell_printer(options);
    return make_plain_printer(options);
}

ExitCode print(std::string_view bytes, ExitCode exit) {
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
    if (written && std::fflush(stdout) == 0) return exit;
    std::perror("raftkv client: writing the output");
    return ExitCode::io;
}

bool wants_colors(int fd) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool forbidden = no_color != nullptr && *no_color != '\0';
    const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return !forbidden && !dumb && ::isatty(fd) != 0;
}

}  // namespace raftkv::cli::client
