#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/bench/load/load.hpp"
#include "cli/test/interrupt.hpp"
#include "common/result.hpp"

namespace raftkv::bench {

// A system that is compared: servers of its own on loopback, with their data in a folder of its
// own. They end with this object.
class Contender {
  public:
    virtual ~Contender() = default;

    // Aims the load at it and runs it.
    virtual Result<LoadResult> load(LoadOptions options, KeySpace& space) = 0;
    virtual std::vector<pid_t> pids() const = 0;
};

// Where and with what one is started.
struct Place {
    std::filesystem::path folder;  // exists and is empty; goes when the contender has ended
    std::uint32_t nodes = 3;       // of clusters
    std::size_t clients = 64;      // at most, at a time
    std::filesystem::path raftkv;  // the program
    const test::Interrupt& interrupt;
};

struct ContenderKind {
    std::string_view name;   // as the command line has it
    std::string_view about;  // what it is and how it is set up
    std::string_view needs;  // packages, and what else
    bool (*is_installed)();
    Result<std::unique_ptr<Contender>> (*start)(const Place& place);
};

// raftkv first, then those that it is compared with.
const std::vector<ContenderKind>& contender_kinds();
const ContenderKind* find_kind(std::string_view name);

Result<std::unique_ptr<Contender>> start_raftkv(const Place& place);

bool redis_is_installed();
Result<std::unique_ptr<Contender>> start_synced_redis(const Place& place);
Result<std::unique_ptr<Contender>> start_unsynced_redis(const Place& place);

bool memcached_is_installed();
Result<std::unique_ptr<Contender>> start_memcached(const Place& place);

// Also whether there is what drives it (cli/bench/etcd).
bool etcd_is_installed();
Result<std::unique_ptr<Contender>> start_etcd(const Place& place);

}  // namespace raftkv::bench
