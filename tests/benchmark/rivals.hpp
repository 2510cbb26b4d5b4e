#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/test/local_cluster.hpp"
#include "cli/test/port_block.hpp"
#include "common/result.hpp"
#include "tests/benchmark/dialect.hpp"
#include "tests/benchmark/load.hpp"
#include "tests/benchmark/measurements.hpp"
#include "tests/benchmark/redis.hpp"

namespace raftkv::benchmark {

// Three raftkv nodes and one Redis, both empty, on free ports. They end with this object.
class Rivals {
  public:
    // `name` is the folder under plan.folder that their data is in; removed with this object.
    static Result<Rivals> start(const Plan& plan, const std::string& name);

    // Aims at the leader, or at Redis, and runs.
    Result<LoadResult> load_raftkv(LoadOptions options);
    Result<LoadResult> load_redis(LoadOptions options);

    // Resident memory: of each node, once all have applied the same; and of Redis.
    struct NodeMemory {
        double resident_bytes = 0;
        double log_cache_bytes = 0;
    };
    Result<std::vector<NodeMemory>> raftkv_memory();
    Result<double> redis_memory();

  private:
    // Removed at the end of its life, with all that is in it.
    class Folder {
      public:
        static Result<Folder> create(const std::filesystem::path& path);
        Folder(Folder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
        Folder& operator=(Folder&&) = delete;
        ~Folder();
        const std::filesystem::path& path() const { return path_; }

      private:
        explicit Folder(std::filesystem::path path) : path_(std::move(path)) {}
        std::filesystem::path path_;
    };

    Rivals(Folder folder, test::LocalCluster cluster, test::PortBlock ports, Redis redis)
        : folder_(std::move(folder)),
          cluster_(std::move(cluster)),
          ports_(std::move(ports)),
          redis_(std::move(redis)) {}

    Folder folder_;  // the first, so that it goes last: when the servers have ended
    test::LocalCluster cluster_;
    test::PortBlock ports_;
    Redis redis_;
    std::unique_ptr<Dialect> raftkv_dialect_ = make_raftkv_dialect();
    std::unique_ptr<Dialect> resp_dialect_ = make_resp_dialect();
};

}  // namespace raftkv::benchmark
