#include "common/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <limits>
#include <system_error>

#include "common/config_checks.hpp"
#include "common/config_json.hpp"
#include "common/config_keys.hpp"

namespace raftkv {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::uint16_t default_admin_distance = 100;
constexpr std::string_view default_folder = "data";

// The file as it was read, before defaults that depend on other keys.
struct Draft {
    ClusterConfig config;
    std::string path{default_folder};
};

template <class T>
Result<void> read_number(const json& value, const std::string& place, T low, T high, T& into) {
    // A whole number beyond 64 bits is a float to the JSON library, and a negative one is no
    // unsigned: both fall through.
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number >= low && number <= high) {
            into = static_cast<T>(number);
            return {};
        }
    }
    return wrong_value(place, fmt::format("a whole number from {} to {}", low, high), value);
}

// The reader of a number that lands in `field`.
template <auto field, std::uint64_t low, std::uint64_t high, class T>
Result<void> number_key(const json& value, const std::string& place, T& into) {
    using Number = std::remove_reference_t<decltype(into.*field)>;
    return read_number<Number>(value, place, low, high, into.*field);
}

template <auto field, std::uint64_t low, std::uint64_t high>
Result<void> draft_number(const json& value, const std::string& place, Draft& into) {
    return number_key<field, low, high>(value, place, into.config);
}

Result<void> read_host(const json& value, const std::string& place, std::string& into) {
    constexpr std::size_t max_name = 253;  // of a DNS name
    constexpr auto wanted = "the name or address of a machine";
    if (!value.is_string()) return wrong_value(place, wanted, value);
    const auto& text = value.get_ref<const std::string&>();
    const auto is_printable = [](char c) { return c > ' ' && c < 0x7f; };
    if (text.empty() || text.size() > max_name ||
        !std::all_of(text.begin(), text.end(), is_printable)) {
        return wrong_value(place, wanted, value);
    }
    into = lower_case(text);  // names of machines know no case, and are compared later
    return {};
}

template <std::string ServerConfig::*field>
Result<void> host_key(const json& value, const std::string& place, ServerConfig& into) {
    return read_host(value, place, into.*field);
}

Result<void> read_id(const json& value, const std::string& place, ServerConfig& into) {
    NodeId::Representation id = 0;
    Result<void> done = read_number(value, place, id, std::numeric_limits<decltype(id)>::max(), id);
    into.id = NodeId(id);
    return done;
}

constexpr std::uint64_t max_port = 65535;
constexpr std::uint64_t max_priority = 100;

constexpr ConfigKey<ServerConfig> server_keys[] = {
    {"Id", true, read_id},
    {"Hostname", true, host_key<&ServerConfig::host>},
    {"ClientPort", true, number_key<&ServerConfig::client_port, 1, max_port, ServerConfig>},
    {"LogPort", true, number_key<&ServerConfig::log_port, 1, max_port, ServerConfig>},
    {"AdminPort", false, number_key<&ServerConfig::admin_port, 1, max_port, ServerConfig>},
    {"AdminHost", false, host_key<&ServerConfig::admin_host>},
    {"Priority", false, number_key<&ServerConfig::priority, 1, max_priority, ServerConfig>},
};

Result<void> read_server(const json& value, const std::string& place, ServerConfig& into) {
    Result<void> done = read_object<ServerConfig>(value, place, server_keys, into);
    if (!done || into.admin_port != 0) return done;
    if (into.client_port > max_port - default_admin_distance) {
        return Error{ErrorKind::usage,
                     fmt::format("{}.ClientPort is {}, so that no AdminPort can be {} more; give "
                                 "the server an AdminPort",
                                 place, into.client_port, default_admin_distance)};
    }
    into.admin_port = static_cast<std::uint16_t>(into.client_port + default_admin_distance);
    return done;
}

Result<void> read_servers(const json& value, const std::string& place, Draft& into) {
    if (!value.is_array()) return wrong_value(place, "a list, [...]", value);
    for (std::size_t i = 0; i < value.size(); ++i) {
        ServerConfig server;
        Result<void> done = read_server(value[i], fmt::format("{}[{}]", place, i), server);
        if (!done) return done;
        into.config.servers.push_back(std::move(server));
    }
    return {};
}

Result<void> read_path(const json& value, const std::string& place, Draft& into) {
    constexpr auto wanted = R"(the name of a folder, or "..." for the default)";
    if (!value.is_string()) return wrong_value(place, wanted, value);
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty() || text.find('\0') != text.npos) return wrong_value(place, wanted, value);
    // The original ships its example with three dots there, to be filled in.
    if (text != "...") into.path = text;
    return {};
}

Result<void> read_cluster_id(const json& value, const std::string& place, Draft& into) {
    constexpr auto wanted = "a string of 1 to 16 hex digits that are not all 0";
    if (!value.is_string()) return wrong_value(place, wanted, value);
    const auto& text = value.get_ref<const std::string&>();
    std::uint64_t& id = into.config.cluster_id;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, id, 16);
    if (stop != end || error != std::errc() || id == 0) return wrong_value(place, wanted, value);
    return {};
}

Result<void> read_bootstrap(const json& value, const std::string& place, Draft& into) {
    into.config.explicit_bootstrap = value == "explicit";
    if (into.config.explicit_bootstrap || value == "automatic") return {};
    return wrong_value(place, R"("automatic" or "explicit")", value);
}

Result<void> read_read_mode(const json& value, const std::string& place, Draft& into) {
    if (value == "read-index") {
        into.config.read_mode = ClusterConfig::ReadMode::read_index;
    } else if (value == "lease") {
        into.config.read_mode = ClusterConfig::ReadMode::lease;
    } else {
        return wrong_value(place, R"("read-index" or "lease")", value);
    }
    return {};
}

constexpr std::uint64_t max_wait_ms = 60'000;
// An entry has to fit, with what is around it, into one frame between servers.
constexpr std::uint64_t max_max_value_bytes = 2u << 20;

// The largest value fits into the smallest segment, whatever MaxValueBytes was in former times.
constexpr std::uint64_t min_segment_mib = 4;
constexpr std::uint64_t max_segment_mib = 1024;

constexpr std::uint64_t max_snapshot_log_mib = 1u << 20;
constexpr std::uint64_t max_snapshot_ratio = 100;

constexpr ConfigKey<Draft> top_keys[] = {
    {"Path", false, read_path},
    {"Servers", true, read_servers},
    {"ClusterId", false, read_cluster_id},
    {"Bootstrap", false, read_bootstrap},
    {"ElectionTimeoutMinMs", false,
     draft_number<&ClusterConfig::election_timeout_min_ms, 2, max_wait_ms>},
    {"ElectionTimeoutMaxMs", false,
     draft_number<&ClusterConfig::election_timeout_max_ms, 2, max_wait_ms>},
    {"HeartbeatMs", false, draft_number<&ClusterConfig::heartbeat_ms, 1, max_wait_ms>},
    {"HoldMs", false, draft_number<&ClusterConfig::hold_ms, 0, max_wait_ms>},
    {"ReadMode", false, read_read_mode},
    {"MaxValueBytes", false, draft_number<&ClusterConfig::max_value_bytes, 1, max_max_value_bytes>},
    {"SegmentMiB", false,
     draft_number<&ClusterConfig::segment_mib, min_segment_mib, max_segment_mib>},
    {"SnapshotLogMiB", false,
     draft_number<&ClusterConfig::snapshot_log_mib, 1, max_snapshot_log_mib>},
    {"SnapshotRatio", false, draft_number<&ClusterConfig::snapshot_ratio, 1, max_snapshot_ratio>},
};

Result<fs::path> absolute_path(const fs::path& path) {
    std::error_code error;
    fs::path absolute = fs::absolute(path, error);
    if (error) {
        return Error{ErrorKind::usage, fmt::format("cannot tell which folder {} is: {}",
                                                   path.string(), error.message())};
    }
    absolute = absolute.lexically_normal();
    return absolute.has_filename() ? absolute : absolute.parent_path();
}

Result<std::string> read_config_file(const fs::path& file) {
    const auto failed = [](const std::string& why) {
        return Error{ErrorKind::usage, fmt::format("cannot be read: {}; name another file with "
                                                   "--config",
                                                   why)};
    };
    std::error_code error;
    if (fs::is_directory(file, error)) return failed("it is a folder");
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return failed(std::strerror(errno));
    std::string text(max_config_bytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad()) return failed("the read failed");
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

Result<ClusterConfig> load_unnamed(const fs::path& file) {
    Result<std::string> text = read_config_file(file);
    if (!text) return text.error();
    return parse_config(*text, file.parent_path());
}

}  // namespace

const ServerConfig* ClusterConfig::find(NodeId id) const {
    const auto found = std::find_if(servers.begin(), servers.end(),
                                    [id](const ServerConfig& server) { return server.id == id; });
    return found == servers.end() ? nullptr : &*found;
}

fs::path ClusterConfig::node_path(NodeId id) const {
    return data_path / fmt::format("node-{}", id.value());
}

Result<ClusterConfig> parse_config(std::string_view text, const fs::path& folder) {
    const Result<json> parsed = parse_config_json(text);
    if (!parsed) return parsed.error();
    Draft draft;
    ClusterConfig& config = draft.config;
    if (auto done = read_object<Draft>(*parsed, "", top_keys, draft); !done) return done.error();
    if (auto done = check_config(config); !done) return done.error();
    Result<fs::path> data_path = absolute_path(folder / draft.path);
    if (!data_path) return data_path.error();
    config.data_path = std::move(*data_path);
    return std::move(draft.config);
}

Result<ClusterConfig> load_config(const fs::path& file) {
    Result<ClusterConfig> config = load_unnamed(file);
    if (config) return config;
    return Error{config.error().kind, fmt::format("{}: {}", file.string(), config.error().message)};
}

}  // namespace raftkv
