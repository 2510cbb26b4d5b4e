#include "tests/benchmark/redis.hpp"

#include <chrono>
#include <system_error>

#include "cli/client/connection.hpp"
#include "tests/benchmark/wait.hpp"

namespace raftkv::benchmark {

namespace fs = std::filesystem;

namespace {

// Debian's redis-tools has the server under the name of its checker: one program, which looks at
// the name it is started by. The package redis-server only adds the name, and a system service.
Result<fs::path> find_program(const fs::path& folder) {
    for (const char* path : {"/usr/bin/redis-server", "/usr/local/bin/redis-server"}) {
        if (fs::exists(path)) {
            return fs::path(path);
        }
    }
    if (!fs::exists("/usr/bin/redis-check-rdb")) {
        return Error{ErrorKind::failed, "there is no Redis here; install redis-tools"};
    }
    fs::path link = folder / "redis-server";
    std::error_code error;
    fs::create_symlink("/usr/bin/redis-check-rdb", link, error);
    if (error) {
        return Error{ErrorKind::io, "cannot make " + link.string() + ": " + error.message()};
    }
    return link;
}

}  // namespace

Result<Redis> Redis::start(const fs::path& folder, std::uint16_t port) {
    Result<fs::path> program = find_program(folder);
    if (!program) {
        return program.error();
    }
    cli::ChildSpec spec;
    spec.program = *program;
    spec.arguments = {"--bind",        "127.0.0.1",     "--port",       std::to_string(port),
                      "--dir",         folder.string(), "--appendonly", "yes",
                      "--appendfsync", "always",        "--save",       ""};
    spec.output_file = folder / "redis.log";
    spec.working_folder = folder;
    Result<cli::ChildProcess> process = cli::ChildProcess::start(spec);
    if (!process) {
        return process.error();
    }
    bool answers = wait_until(std::chrono::seconds(10), [&] {
        auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(1);
        return cli::NodeConnection::connect("127.0.0.1", port, soon).ok();
    });
    if (!answers) {
        return Error{ErrorKind::failed, "Redis did not start; see " + spec.output_file.string()};
    }
    return Redis(std::move(*process), port);
}

}  // namespace raftkv::benchmark
