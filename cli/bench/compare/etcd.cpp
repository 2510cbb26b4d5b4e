#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <system_error>
#include <utility>

#include "cli/bench/compare/contender.hpp"
#include "cli/bench/compare/programs.hpp"
#include "cli/cluster/child_process.hpp"
#include "cli/test/port_block.hpp"

namespace raftkv::bench {
namespace {

namespace fs = std::filesystem;

// What drives it, over its own protocol: a program of its own, built where gRPC is installed.
std::optional<fs::path> driver() {
    std::error_code error;
    const fs::path own = fs::read_symlink("/proc/self/exe", error);
    if (error) return std::nullopt;
    for (const fs::path& folder : {own.parent_path(), own.parent_path() / "bin"}) {
        fs::path file = folder / "raftkv-etcd-load";
        if (fs::exists(file, error)) return file;
    }
    return std::nullopt;
}

Result<LoadResult> parse_result(const std::string& line) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    const Error none{ErrorKind::failed, "the load for etcd ended without a result"};
    if (!json.is_object()) return none;
    LoadResult result;
    try {
        result.seconds = json.at("seconds");
        result.per_second = json.at("per_second");
        result.own_cpu_seconds = json.at("own_cpu_seconds");
        result.outcomes[static_cast<std::size_t>(Outcome::unknown)] = json.at("errors");
        for (const auto& [ns, count] :
             json.at("latencies").get<std::vector<std::pair<std::int64_t, std::uint64_t>>>()) {
            result.latency.add(ns, count);
        }
    } catch (const nlohmann::json::exception&) {
        return none;
    }
    return result;
}

class EtcdContender : public Contender {
  public:
    EtcdContender(fs::path folder, test::PortBlock ports, fs::path load_program,
                  const test::Interrupt& interrupt)
        : folder_(std::move(folder)),
          ports_(std::move(ports)),
          load_program_(std::move(load_program)),
          interrupt_(interrupt) {}

    Result<void> start(const fs::path& program, std::uint32_t nodes);
    Result<LoadResult> load(LoadOptions options, KeySpace& space) override;
    std::vector<pid_t> pids() const override {
        std::vector<pid_t> pids;
        for (const cli::ChildProcess& node : nodes_) pids.push_back(node.pid());
        return pids;
    }

  private:
    std::string url(std::uint32_t n) const {
        return fmt::format("http://127.0.0.1:{}", ports_.port(n));
    }

    fs::path folder_;
    test::PortBlock ports_;  // two a node: for clients, for the others
    fs::path load_program_;
    const test::Interrupt& interrupt_;
    std::vector<cli::ChildProcess> nodes_;
    std::vector<std::string> servers_;
};

Result<void> EtcdContender::start(const fs::path& program, std::uint32_t nodes) {
    std::vector<std::string> all;
    for (std::uint32_t i = 0; i < nodes; ++i) {
        all.push_back(fmt::format("n{}={}", i, url(2 * i + 1)));
        servers_.push_back(fmt::format("127.0.0.1:{}", ports_.port(2 * i)));
    }
    for (std::uint32_t i = 0; i < nodes; ++i) {
        cli::ChildSpec spec;
        spec.program = program;
        spec.arguments = {"--name",
                          fmt::format("n{}", i),
                          "--data-dir",
                          (folder_ / fmt::format("n{}", i)).string(),
                          "--listen-client-urls",
                          url(2 * i),
                          "--advertise-client-urls",
                          url(2 * i),
                          "--listen-peer-urls",
                          url(2 * i + 1),
                          "--initial-advertise-peer-urls",
                          url(2 * i + 1),
                          "--initial-cluster",
                          fmt::format("{}", fmt::join(all, ",")),
                          "--log-level",
                          "error",
                          "--quota-backend-bytes",
                          "8589934592"};
        spec.output_file = folder_ / fmt::format("n{}.log", i);
        auto node = cli::ChildProcess::start(spec);
        if (!node) return node.error();
        nodes_.push_back(std::move(*node));
    }
    return {};
}

Result<LoadResult> EtcdContender::load(LoadOptions options, KeySpace& space) {
    const auto reads = options.op == Op::get;
    cli::ChildSpec spec;
    spec.program = load_program_;
    spec.arguments = {"--servers",        fmt::format("{}", fmt::join(servers_, ",")),
                      "--prefix",         space.prefix,
                      "--keys",           std::to_string(space.keys),
                      "--clients",        std::to_string(options.clients),
                      "--pipeline",       std::to_string(options.pipeline),
                      "--value-bytes",    std::to_string(options.value_bytes),
                      "--seconds",        fmt::format("{}", options.seconds),
                      "--warmup-seconds", fmt::format("{}", options.warmup_seconds),
                      "--requests",       std::to_string(options.requests)};
    if (reads) spec.arguments.emplace_back("--get");
    spec.output_file = folder_ / "load.log";
    std::error_code ignored;
    fs::remove(spec.output_file, ignored);
    auto process = cli::ChildProcess::start(spec);
    if (!process) return process.error();
    std::optional<cli::ChildEnd> end;
    while (!(end = process->wait_for(std::chrono::milliseconds(100)))) {
        if (interrupt_.requested()) return Error{ErrorKind::interrupted, "interrupted"};
    }
    const std::string last = last_line(spec.output_file);
    if (end->signalled || end->code != 0) {
        return Error{ErrorKind::failed,
                     fmt::format("the load for etcd: {}; {}", cli::describe(*end), last)};
    }
    return parse_result(last);
}

}  // namespace

bool etcd_is_installed() {
    return program("etcd") && driver();
}

Result<std::unique_ptr<Contender>> start_etcd(const Place& place) {
    auto ports = test::PortBlock::reserve(std::random_device()());
    if (!ports) return ports.error();
    auto etcd = std::make_unique<EtcdContender>(place.folder, std::move(*ports), *driver(),
                                                place.interrupt);
    if (auto started = etcd->start(*program("etcd"), place.nodes); !started) return started.error();
    return std::unique_ptr<Contender>(std::move(etcd));
}

}  // namespace raftkv::bench
