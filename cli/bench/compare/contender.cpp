#include "cli/bench/compare/contender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/bench/cluster.hpp"

namespace raftkv::bench {
namespace {

class RaftkvContender : public Contender {
  public:
    RaftkvContender(Cluster cluster, const test::Interrupt& interrupt)
        : cluster_(std::move(cluster)), interrupt_(interrupt) {}

    Result<LoadResult> load(LoadOptions options, KeySpace& space) override {
        return cluster_.run(options, space, interrupt_);
    }
    std::vector<pid_t> pids() const override { return cluster_.pids(); }

  private:
    Cluster cluster_;
    const test::Interrupt& interrupt_;
};

bool always() {
    return true;
}

}  // namespace

Result<std::unique_ptr<Contender>> start_raftkv(const Place& place) {
    auto cluster = Cluster::reach({.addresses = {},
                                   .nodes = place.nodes,
                                   .folder = place.folder,
                                   .node_program = place.raftkv},
                                  place.interrupt);
    if (!cluster) return cluster.error();
    return std::unique_ptr<Contender>(
        std::make_unique<RaftkvContender>(std::move(*cluster), place.interrupt));
}

const std::vector<ContenderKind>& contender_kinds() {
    static const std::vector<ContenderKind> kinds = {
        {"raftkv", "a cluster, every write synced on a majority, reads linearizable", "", always,
         start_raftkv},
        {"redis", "one server, every write synced (appendfsync always)", "redis-tools",
         redis_is_installed, start_synced_redis},
        {"redis-memory", "one server, nothing written to disk", "redis-tools", redis_is_installed,
         start_unsynced_redis},
        {"memcached", "one server with one thread, in memory", "memcached", memcached_is_installed,
         start_memcached},
        {"etcd", "a cluster of as many nodes, reads linearizable",
         "etcd-server; and what drives it: libgrpc++-dev, protobuf-compiler-grpc, then "
         "ninja raftkv-etcd-load",
         etcd_is_installed, start_etcd},
    };
    return kinds;
}

const ContenderKind* find_kind(std::string_view name) {
    const auto& kinds = contender_kinds();
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const ContenderKind& kind) { return kind.name == name; });
    return found == kinds.end() ? nullptr : &*found;
}

}  // namespace raftkv::bench
