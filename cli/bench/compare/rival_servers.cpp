#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <random>
#include <system_error>
#include <utility>

#include "cli/bench/compare/contender.hpp"
#include "cli/bench/compare/programs.hpp"
#include "cli/client/connection.hpp"
#include "cli/cluster/child_process.hpp"
#include "cli/test/port_block.hpp"

namespace raftkv::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds starts_within{10};

// One server that speaks a dialect on a port of its own.
class ServerContender : public Contender {
  public:
    ServerContender(test::PortBlock ports, cli::ChildProcess process, const Dialect& dialect)
        : ports_(std::move(ports)), process_(std::move(process)), dialect_(dialect) {}

    Result<LoadResult> load(LoadOptions options, KeySpace& space) override {
        options.servers = {{"127.0.0.1", ports_.port(0), NodeId(0)}};
        options.start_at = 0;
        options.dialect = &dialect_;
        return run_load(options, space);
    }
    std::vector<pid_t> pids() const override { return {process_.pid()}; }

    // Until it takes connections.
    Result<void> wait(const std::string& name, const fs::path& log) {
        const auto deadline = steady_clock::now() + starts_within;
        for (;;) {
            const auto soon = steady_clock::now() + seconds(1);
            if (cli::NodeConnection::connect("127.0.0.1", ports_.port(0), soon)) return {};
            const bool ended = process_.wait_for(milliseconds(20)).has_value();
            if (ended || steady_clock::now() > deadline) {
                return Error{ErrorKind::failed,
                             fmt::format("{} {}; its last words: {}", name,
                                         ended ? "ended at its start" : "takes no connection",
                                         last_line(log))};
            }
        }
    }

  private:
    test::PortBlock ports_;
    cli::ChildProcess process_;
    const Dialect& dialect_;
};

// `arguments` get the port.
Result<std::unique_ptr<Contender>> start_server(
    const Place& place, const fs::path& file, const Dialect& dialect,
    const std::function<std::vector<std::string>(std::uint16_t)>& arguments) {
    auto ports = test::PortBlock::reserve(std::random_device()());
    if (!ports) return ports.error();
    cli::ChildSpec spec;
    spec.program = file;
    spec.arguments = arguments(ports->port(0));
    spec.output_file = place.folder / "server.log";
    spec.working_folder = place.folder;
    auto process = cli::ChildProcess::start(spec);
    if (!process) return process.error();
    auto server =
        std::make_unique<ServerContender>(std::move(*ports), std::move(*process), dialect);
    if (auto there = server->wait(file.filename().string(), spec.output_file); !there) {
        return there.error();
    }
    return std::unique_ptr<Contender>(std::move(server));
}

// Debian's redis-tools has the server under the name of its checker: one program, which looks at
// the name it is started by. The package redis-server only adds the name, and a system service.
Result<fs::path> redis_program(const fs::path& folder) {
    if (auto found = program("redis-server")) return *found;
    const auto checker = program("redis-check-rdb");
    if (!checker) return Error{ErrorKind::failed, "there is no redis-server here"};
    const fs::path link = folder / "redis-server";
    std::error_code error;
    fs::create_symlink(*checker, link, error);
    if (!error) return link;
    return Error{ErrorKind::io, "cannot make " + link.string() + ": " + error.message()};
}

Result<std::unique_ptr<Contender>> start_redis(const Place& place, bool synced) {
    const auto file = redis_program(place.folder);
    if (!file) return file.error();
    return start_server(place, *file, redis_dialect(), [&](std::uint16_t port) {
        std::vector<std::string> arguments = {
            "--bind",       "127.0.0.1",           "--port", std::to_string(port),
            "--dir",        place.folder.string(), "--save", "",
            "--appendonly", synced ? "yes" : "no"};
        if (synced) arguments.insert(arguments.end(), {"--appendfsync", "always"});
        return arguments;
    });
}

}  // namespace

bool redis_is_installed() {
    return program("redis-server") || program("redis-check-rdb");
}

Result<std::unique_ptr<Contender>> start_synced_redis(const Place& place) {
    return start_redis(place, true);
}

Result<std::unique_ptr<Contender>> start_unsynced_redis(const Place& place) {
    return start_redis(place, false);
}

bool memcached_is_installed() {
    return program("memcached").has_value();
}

Result<std::unique_ptr<Contender>> start_memcached(const Place& place) {
    return start_server(place, *program("memcached"), memcached_dialect(), [&](std::uint16_t port) {
        std::vector<std::string> arguments = {"-l", "127.0.0.1",
                                              "-p", std::to_string(port),
                                              "-U", "0",
                                              "-t", "1",
                                              "-c", std::to_string(place.clients + 64),
                                              "-m", "8192"};  // MiB: nothing is thrown out
        if (::geteuid() == 0) arguments.insert(arguments.end(), {"-u", "root"});
        return arguments;
    });
}

}  // namespace raftkv::bench
