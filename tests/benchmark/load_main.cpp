// raftkv-load: the load generator by itself.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/client/connection.hpp"
#include "common/config.hpp"
#include "tests/benchmark/find_leader.hpp"
#include "tests/benchmark/load.hpp"

namespace {

using namespace raftkv;
using namespace raftkv::benchmark;

struct Arguments {
    std::string config_file = "config.json";
    std::string redis;  // host:port
    std::string operation = "set";
    LoadOptions load;
};

void declare(CLI::App& app, Arguments& arguments) {
    LoadOptions& load = arguments.load;
    app.add_option("--config", arguments.config_file, "the raftkv cluster to load")
        ->capture_default_str();
    app.add_option("--redis", arguments.redis, "load this Redis instead (host:port)");
    app.add_option("--op", arguments.operation, "set (fresh keys) or get (of keys set before)")
        ->check(CLI::IsMember({"set", "get"}))
        ->capture_default_str();
    app.add_option("--connections", load.connections)->capture_default_str();
    app.add_option("--pipeline", load.pipeline, "requests in flight on each connection")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--value-bytes", load.value_bytes)->capture_default_str();
    app.add_option("--seconds", load.seconds)->capture_default_str();
    app.add_option("--requests", load.requests, "end after so many instead");
    app.add_option("--prefix", load.key_prefix, "what the keys start with; a set needs a new one")
        ->capture_default_str();
    app.add_option("--keys", load.keys, "how many keys a get takes, as a set printed it");
}

Result<void> aim(Arguments& arguments) {
    if (arguments.redis.empty()) {
        Result<ClusterConfig> config = load_config(arguments.config_file);
        if (!config) {
            return config.error();
        }
        Result<ServerConfig> leader = find_leader(*config);
        if (!leader) {
            return leader.error();
        }
        arguments.load.host = leader->host;
        arguments.load.port = leader->client_port;
        return {};
    }
    std::size_t colon = arguments.redis.rfind(':');
    if (colon == std::string::npos) {
        return Error{ErrorKind::usage, "--redis takes host:port"};
    }
    arguments.load.host = arguments.redis.substr(0, colon);
    arguments.load.port = static_cast<std::uint16_t>(std::stoul(arguments.redis.substr(colon + 1)));
    return {};
}

int fail(const Error& error) {
    fmt::print(stderr, "raftkv-load: {}\n", error.message);
    return static_cast<int>(exit_code(error.kind));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A closed loop of requests against a raftkv cluster or a Redis server.");
    Arguments arguments;
    declare(app, arguments);
    CLI11_PARSE(app, argc, argv);
    arguments.load.operation = arguments.operation == "get" ? Operation::get : Operation::set;
    auto dialect = arguments.redis.empty() ? make_raftkv_dialect() : make_resp_dialect();
    arguments.load.dialect = dialect.get();

    if (auto aimed = aim(arguments); !aimed) {
        return fail(aimed.error());
    }
    Result<LoadResult> result = run_load(arguments.load);
    if (!result) {
        return fail(result.error());
    }
    fmt::print(
        "{:.0f} replies/s ({} in {:.2f} s, {} bad), latency us: p50 {:.0f} p90 {:.0f} "
        "p99 {:.0f} max {:.0f}, generator {:.2f} cores, keys written {}\n",
        result->per_second, result->replies, result->seconds, result->bad_replies, result->p50_us,
        result->p90_us, result->p99_us, result->max_us, result->own_cpu, result->keys_written);
    return result->bad_replies == 0 ? 0 : 1;
}
