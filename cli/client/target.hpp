#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client/connection.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::cli::client {

// The nodes that a client may talk to, as far as they are known before one was asked.
struct Target {
    std::vector<ServerConfig> nodes;
    std::optional<std::size_t> start_at;  // the node that was asked for
    std::optional<std::uint32_t> max_value_bytes;
    std::uint64_t cluster = 0;  // that the nodes are to belong to; 0: to any
    std::string source;         // where the nodes are from: a file, or an address

    // By id ("2") or address ("localhost:9002"); nullptr when there is none.
    const ServerConfig* find(std::string_view node) const;
    std::vector<Endpoint> endpoints() const;
    // What to do when none of them can be reached.
    std::string advice() const;
};

struct TargetOptions {
    std::filesystem::path config = "config.json";
    bool config_given = false;  // by the user, so it has to be there
    std::string node;           // id or host:port to start at; empty: any
};

// "host:port" or "[v6]:port", with an id that is not known and the admin port that is its by
// default; nothing when it is no address.
std::optional<ServerConfig> parse_address(std::string_view text);

// With who belongs to the cluster now, when anybody says; else as it is. `start_at` is left out.
Target with_members_of_now(const Target& known);

// The servers of the configuration, or who is known to have taken their places since; the nodes are
// asked for an id that is none of these. An address that is no server's stands for itself: it has
// to tell where the others are. Errors are of kind usage.
Result<Target> choose_target(const TargetOptions& options);

}  // namespace raftkv::cli::client
