#include "common/config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace raftkv {
namespace {

namespace fs = std::filesystem;

// As the original ships it, spelling and all.
constexpr auto original_file = R"({
  "Path": "...",
  "Servers": [
    {"Id": 0, "Hostname": "localhost", "ClientPort": 9000, "LogPort": 9050},
    {"Id": 1, "Hostname": "localhost", "ClientPort": 9001, "LogPort": 9051}
  ]
})";

constexpr std::string_view server_0 =
    R"({"Id": 0, "Hostname": "a", "ClientPort": 9000, "LogPort": 9050})";

std::string with_servers(std::string_view servers, std::string_view more = "") {
    return "{\"Servers\": [" + std::string(servers) + "]" + std::string(more) + "}";
}

// One good server and some more keys at the top.
std::string with_top(std::string_view more) {
    return with_servers(server_0, ", " + std::string(more));
}

// Two good servers, with some more keys for each.
std::string two_servers(std::string_view host_0, std::string_view ports_0, std::string_view host_1,
                        std::string_view ports_1) {
    const auto server = [](int id, std::string_view host, std::string_view ports) {
        return "{\"Id\": " + std::to_string(id) + ", \"Hostname\": \"" + std::string(host) +
               "\", " + std::string(ports) + "}";
    };
    return with_servers(server(0, host_0, ports_0) + "," + server(1, host_1, ports_1));
}

std::string error_of(std::string_view json) {
    const Result<ClusterConfig> config = parse_config(json, "/etc");
    if (config) return "no error";
    EXPECT_EQ(config.error().kind, ErrorKind::usage);
    EXPECT_LT(config.error().message.size(), 1000u);
    return config.error().message;
}

ClusterConfig good(std::string_view json) {
    Result<ClusterConfig> config = parse_config(json, "/etc/kv");
    EXPECT_TRUE(config.ok()) << config.error().message;
    return std::move(config).value();
}

TEST(Config, ReadsTheOriginalsFile) {
    const ClusterConfig config = good(original_file);
    EXPECT_EQ(config.data_path, "/etc/kv/data");
    ASSERT_EQ(config.servers.size(), 2u);
    const ServerConfig& server = config.servers[1];
    EXPECT_EQ(server.id, NodeId(1));
    EXPECT_EQ(server.host, "localhost");
    EXPECT_EQ(server.client_port, 9001);
    EXPECT_EQ(server.log_port, 9051);
    EXPECT_EQ(server.admin_port, 9101);
    EXPECT_EQ(server.admin_host, "localhost");
    EXPECT_EQ(server.priority, 1u);
    EXPECT_EQ(config.election_timeout_min_ms, 150u);
    EXPECT_EQ(config.election_timeout_max_ms, 300u);
    EXPECT_EQ(config.heartbeat_ms, 50u);
    EXPECT_EQ(config.hold_ms, 5000u);
    EXPECT_EQ(config.max_value_bytes, 1048576u);
    EXPECT_EQ(config.segment_mib, 16u);
    EXPECT_EQ(config.snapshot_log_mib, 64u);
    EXPECT_EQ(config.snapshot_ratio, 1u);
    EXPECT_EQ(config.read_mode, ClusterConfig::ReadMode::read_index);
    EXPECT_EQ(config.cluster_id, 0u);
    EXPECT_FALSE(config.explicit_bootstrap);
}

TEST(Config, ReadsEveryOptionalKey) {
    const ClusterConfig config = good(with_servers(
        R"({"Id": 7, "Hostname": "Db.Example", "ClientPort": 1, "LogPort": 2,
            "AdminPort": 3, "AdminHost": "0.0.0.0", "Priority": 7})",
        R"(, "Path": "/var/kv/", "ClusterId": "00fFee", "ElectionTimeoutMinMs": 1000,
            "ElectionTimeoutMaxMs": 2000, "HeartbeatMs": 500, "HoldMs": 0, "MaxValueBytes": 2097152,
            "SegmentMiB": 4, "SnapshotLogMiB": 1, "SnapshotRatio": 3, "ReadMode": "lease",
            "Bootstrap": "explicit")"));
    EXPECT_EQ(config.data_path, "/var/kv");
    EXPECT_EQ(config.node_path(NodeId(7)), "/var/kv/node-7");
    EXPECT_EQ(config.cluster_id, 0xffeeu);
    EXPECT_TRUE(config.explicit_bootstrap);
    EXPECT_EQ(config.election_timeout_min_ms, 1000u);
    EXPECT_EQ(config.election_timeout_max_ms, 2000u);
    EXPECT_EQ(config.heartbeat_ms, 500u);
    EXPECT_EQ(config.hold_ms, 0u);
    EXPECT_EQ(config.max_value_bytes, 2097152u);
    EXPECT_EQ(config.segment_mib, 4u);
    EXPECT_EQ(config.snapshot_log_mib, 1u);
    EXPECT_EQ(config.snapshot_ratio, 3u);
    EXPECT_EQ(config.read_mode, ClusterConfig::ReadMode::lease);
    EXPECT_EQ(config.servers[0].host, "db.example");
    EXPECT_EQ(config.servers[0].admin_port, 3);
    EXPECT_EQ(config.servers[0].admin_host, "0.0.0.0");
    EXPECT_EQ(config.servers[0].priority, 7u);
}

TEST(Config, MatchesKeysWithoutRegardToCase) {
    const ClusterConfig config = good(
        R"({"SERVERS": [{"ID": 3, "hostName": "h", "clientport": 10, "LOGPORT": 11}], "path": "x"})");
    EXPECT_EQ(config.servers[0].id, NodeId(3));
    EXPECT_EQ(config.data_path, "/etc/kv/x");
}

TEST(Config, FindsAServerByItsId) {
    const ClusterConfig config = good(original_file);
    ASSERT_NE(config.find(NodeId(1)), nullptr);
    EXPECT_EQ(config.find(NodeId(1))->client_port, 9001);
    EXPECT_EQ(config.find(NodeId(2)), nullptr);
}

TEST(Config, TakesARelativePathFromTheFilesFolder) {
    EXPECT_EQ(good(with_top(R"("Path": "../x/./y")")).data_path, "/etc/x/y");
    const auto here = parse_config(with_top(R"("Path": "x")"), "");
    ASSERT_TRUE(here.ok());
    EXPECT_EQ(here->data_path, fs::current_path() / "x");
}

struct Wrong {
    std::string json;
    std::string message;  // a part of it
};

void expect_errors(const std::vector<Wrong>& table) {
    for (const auto& [json, message] : table) {
        const std::string error = error_of(json);
        EXPECT_NE(error.find(message), std::string::npos) << json << "\n  gave: " << error;
    }
}

TEST(Config, SaysWhereTheTextIsNoJson) {
    expect_errors({
        {"", "is empty"},
        {" \r\n\t ", "is empty"},
        {"{", "is not JSON: parse error at line 1, column 2"},
        {"{\n\"Servers\": [,]}", "line 2, column 13"},
        {"{\"Servers\": []} x", "is not JSON"},
        {"servers", "is not JSON"},
        {std::string("\0\0\0", 3), "is not JSON"},
        {"{\"Path\": \"\xff\"}", "is not JSON"},
        {"{\"Id\": 1e999}", "is not JSON"},
        {"[]", "the configuration must be an object, {...}, but is a list"},
        {"12", "the configuration must be an object, {...}, but is 12"},
        {"null", "must be an object"},
    });
}

TEST(Config, NamesUnknownKeysAndTheOneThatWasMeant) {
    expect_errors({
        {with_top(R"("Pth": "x")"), R"(unknown key: "Pth" (did you mean "Path"?))"},
        {with_top(R"("heartbeatms ": 5)"), R"(did you mean "HeartbeatMs"?)"},
        {with_top(R"("ElectionTimeoutMs": 5)"), R"((did you mean "ElectionTimeoutM)"},
        {with_top(R"("zzzzzz": 5)"),
         R"(unknown key: "zzzzzz"; known are Path, Servers, ClusterId,)"},
        {with_top(R"("a": 1, "b": 2)"), R"(unknown keys: "a", "b"; known)"},
        {with_top(R"("a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1)"), "and 2 more"},
        {with_top("\"" + std::string(100'000, 'k') + "\": 1"), "unknown key: \"kkk"},
        {with_top(R"("\u0000\u001b[2J": 1)"), R"("\u0000\u001b[2J")"},
        {with_servers(R"({"Id": 0, "Hostnam": "a", "ClientPort": 1, "LogPort": 2})"),
         R"(Servers[0] has an unknown key: "Hostnam" (did you mean "Hostname"?))"},
    });
}

TEST(Config, RefusesAKeyThatIsThereTwice) {
    expect_errors({
        {with_top(R"("Path": "a", "Path": "b")"), R"(has the key "Path" twice)"},
        {with_top(R"("Path": "a", "path": "b")"), R"(has the key "path" twice)"},
        {with_servers(R"({"Id": 0, "ID": 1, "Hostname": "a", "ClientPort": 1, "LogPort": 2})"),
         R"(has the key "ID" twice)"},
    });
}

TEST(Config, MissesTheKeysThatMustBeThere) {
    expect_errors({
        {"{}", "Servers is missing"},
        {with_servers("{}"), "Servers[0].Id is missing"},
        {with_servers(R"({"Id": 0, "ClientPort": 1, "LogPort": 2})"),
         "Servers[0].Hostname is missing"},
        {with_servers(R"({"Id": 0, "Hostname": "a", "LogPort": 2})"),
         "Servers[0].ClientPort is missing"},
        {with_servers(std::string(server_0) + R"(, {"Id": 1, "Hostname": "a", "ClientPort": 1})"),
         "Servers[1].LogPort is missing"},
    });
}

std::string server_with(std::string_view key, std::string_view value) {
    std::string keys;
    for (const auto& [name, good_value] :
         std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"Id", "0"}, {"Hostname", "\"a\""}, {"ClientPort", "1"}, {"LogPort", "2"}}) {
        if (name != key) keys += "\"" + std::string(name) + "\": " + std::string(good_value) + ", ";
    }
    return with_servers("{" + keys + "\"" + std::string(key) + "\": " + std::string(value) + "}");
}

TEST(Config, RefusesWrongValuesOfAServer) {
    expect_errors({
        {server_with("Id", "\"0\""),
         R"(Servers[0].Id must be a whole number from 0 to 4294967295, but is "0")"},
        {server_with("Id", "-1"), "but is -1"},
        {server_with("Id", "1.0"), "but is 1.0"},
        {server_with("Id", "4294967296"), "Servers[0].Id must be"},
        {server_with("Id", "99999999999999999999"), "Servers[0].Id must be"},
        {server_with("Id", "null"), "but is null"},
        {server_with("ClientPort", "0"), "ClientPort must be a whole number from 1 to 65535"},
        {server_with("ClientPort", "65536"), "but is 65536"},
        {server_with("ClientPort", "-9000"), "but is -9000"},
        {server_with("ClientPort", "true"), "but is true"},
        {server_with("ClientPort", "[9000]"), "but is a list"},
        {server_with("ClientPort", "{}"), "but is an object"},
        {server_with("ClientPort", "65436"), "give the server an AdminPort"},
        {server_with("LogPort", "0"), "Servers[0].LogPort must be"},
        {server_with("AdminPort", "0"), "Servers[0].AdminPort must be"},
        {server_with("Hostname", "5"), "Servers[0].Hostname must be the name or address"},
        {server_with("Hostname", "\"\""), "Servers[0].Hostname must be"},
        {server_with("Hostname", "\"a b\""), "Servers[0].Hostname must be"},
        {server_with("Hostname", "\"" + std::string(254, 'a') + "\""), "Servers[0].Hostname must"},
        {server_with("AdminHost", "\"\\u0000\""), "Servers[0].AdminHost must be"},
        {server_with("Priority", "0"), "Servers[0].Priority must be"},
        {server_with("Priority", "101"), "Servers[0].Priority must be"},
    });
}

TEST(Config, RefusesWrongValuesOfTheCluster) {
    expect_errors({
        {R"({"Servers": {}})", "Servers must be a list, [...], but is an object"},
        {R"({"Servers": "x"})", "Servers must be a list"},
        {R"({"Servers": []})", "Servers is empty"},
        {R"({"Servers": [5]})", "Servers[0] must be an object"},
        {with_top(R"("Path": 5)"), "Path must be the name of a folder"},
        {with_top(R"("Path": "")"), "Path must be"},
        {with_top(R"("Path": "a\u0000b")"), "Path must be"},
        {with_top(R"("ClusterId": 5)"), "ClusterId must be a string of 1 to 16 hex digits"},
        {with_top(R"("ClusterId": "")"), "ClusterId must be"},
        {with_top(R"("ClusterId": "0")"), "ClusterId must be"},
        {with_top(R"("ClusterId": "xyz")"), "ClusterId must be"},
        {with_top(R"("ClusterId": "-1")"), "ClusterId must be"},
        {with_top(R"("ClusterId": "12345678123456780")"), "ClusterId must be"},
        {with_top(R"("HoldMs": -1)"), "HoldMs must be a whole number from 0 to 60000"},
        {with_top(R"("HoldMs": 60001)"), "HoldMs must be"},
        {with_top(R"("HeartbeatMs": 0)"), "HeartbeatMs must be"},
        {with_top(R"("MaxValueBytes": 0)"), "MaxValueBytes must be"},
        {with_top(R"("MaxValueBytes": 2097153)"), "MaxValueBytes must be"},
        {with_top(R"("SegmentMiB": 3)"), "SegmentMiB must be a whole number from 4 to 1024"},
        {with_top(R"("SegmentMiB": 1025)"), "SegmentMiB must be"},
        {with_top(R"("SnapshotLogMiB": 0)"), "SnapshotLogMiB must be"},
        {with_top(R"("ReadMode": "fast")"), R"(ReadMode must be "read-index" or "lease")"},
        {with_top(R"("ReadMode": 1)"), "ReadMode must be"},
        {with_top(R"("SnapshotRatio": 0)"), "SnapshotRatio must be a whole number from 1 to 100"},
    });
}

TEST(Config, RefusesTimeoutsThatMakeNoSenseTogether) {
    expect_errors({
        {with_top(R"("ElectionTimeoutMinMs": 300)"), "ElectionTimeoutMaxMs 300: the first must"},
        {with_top(R"("ElectionTimeoutMaxMs": 100)"), "ElectionTimeoutMinMs is 150"},
        {with_top(R"("HeartbeatMs": 76)"), "HeartbeatMs is 76 and ElectionTimeoutMinMs 150"},
        {with_top(R"("ElectionTimeoutMinMs": 99)"), "HeartbeatMs is 50"},
    });
    EXPECT_EQ(good(with_top(R"("HeartbeatMs": 75)")).heartbeat_ms, 75u);
}

TEST(Config, RefusesTwoServersWithOneId) {
    expect_errors({{with_servers(std::string(server_0) + "," + std::string(server_0)),
                    "Servers[0] and Servers[1] have the same Id, 0"}});
}

TEST(Config, RefusesMoreServersThanAreSupported) {
    std::string servers;
    for (int id = 0; id < 65; ++id) {
        if (id > 0) servers += ",";
        servers += "{\"Id\": " + std::to_string(id) + ", \"Hostname\": \"h" + std::to_string(id) +
                   "\", \"ClientPort\": 1, \"LogPort\": 2}";
    }
    expect_errors({{with_servers(servers), "Servers has 65 entries; at most 64"}});
}

TEST(Config, RefusesPortsThatClash) {
    constexpr auto ports = R"("ClientPort": 1000, "LogPort": 2000)";
    expect_errors({
        {server_with("LogPort", "1"), "ClientPort of server 0 and LogPort of server 0 are both 1"},
        {server_with("AdminPort", "1"), "no error"},  // "a" and localhost are two addresses
        {two_servers("a", ports, "A", R"("ClientPort": 1000, "LogPort": 2001)"),
         "ClientPort of server 0 and ClientPort of server 1 are both 1000 on a"},
        {two_servers("a", ports, "a", R"("ClientPort": 1001, "LogPort": 1000)"),
         "ClientPort of server 0 and LogPort of server 1 are both 1000"},
        {two_servers("a", ports, "a", R"("ClientPort": 1001, "LogPort": 2001, "AdminPort": 1100)"),
         "AdminPort of server 0 and AdminPort of server 1 are both 1100 on localhost"},
        {two_servers("localhost", ports, "localhost", R"("ClientPort": 1100, "LogPort": 2001)"),
         "AdminPort, when not given, is ClientPort + 100"},
        {two_servers("localhost", ports, "127.0.0.1", R"("ClientPort": 1000, "LogPort": 2001)"),
         "are both 1000"},
        {two_servers("127.0.0.1", ports, "127.0.0.2", ports), "AdminPort of server 0"},
        {two_servers("a", R"("ClientPort": 1000, "LogPort": 2000, "AdminHost": "0.0.0.0")", "a",
                     R"("ClientPort": 1100, "LogPort": 2001)"),
         "AdminPort of server 0 and ClientPort of server 1"},
    });
}

TEST(Config, LetsDifferentMachinesUseTheSamePorts) {
    constexpr auto ports = R"("ClientPort": 1000, "LogPort": 2000)";
    EXPECT_EQ(error_of(two_servers("a", ports, "b", ports)), "no error");
    EXPECT_EQ(error_of(two_servers(
                  "127.0.0.1", R"("ClientPort": 1, "LogPort": 2, "AdminHost": "127.0.0.1")",
                  "127.0.0.2", R"("ClientPort": 1, "LogPort": 2, "AdminHost": "127.0.0.2")")),
              "no error");
}

TEST(Config, BoundsSizeAndDepth) {
    expect_errors({
        {std::string(100, '['), "nests deeper than 8 levels"},
        {std::string(1u << 20, '['), "nests deeper"},
        {with_top("\"Path\": " + std::string(500'000, '[')), "nests deeper"},
        {std::string((1u << 20) + 1, ' '), "larger than 1 MiB"},
        {"\"" + std::string((1u << 20) - 2, 'x') + "\"", "must be an object"},
        {std::string(1u << 20, 'x'), "is not JSON"},
    });
}

class ConfigFile : public testing::Test {
  protected:
    ConfigFile() {
        std::string name = (fs::temp_directory_path() / "raftkv-config-XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) folder_ = name;
    }
    ~ConfigFile() override { fs::remove_all(folder_); }

    void SetUp() override { ASSERT_FALSE(folder_.empty()); }

    fs::path write(std::string_view text) const {
        std::ofstream(folder_ / "config.json", std::ios::binary) << text;
        return folder_ / "config.json";
    }

    static std::string error_of_file(const fs::path& file) {
        const auto config = load_config(file);
        if (config) return "no error";
        EXPECT_EQ(exit_code(config.error().kind), ExitCode::usage);
        EXPECT_EQ(config.error().message.find(file.string() + ": "), 0u) << config.error().message;
        return config.error().message;
    }

    fs::path folder_;
};

TEST_F(ConfigFile, IsReadAndItsPathStartsFromItsFolder) {
    const auto config = load_config(write(original_file));
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->data_path, folder_ / "data");
}

TEST_F(ConfigFile, IsNamedInEveryError) {
    EXPECT_NE(error_of_file(folder_ / "none.json").find("No such file"), std::string::npos);
    EXPECT_NE(error_of_file(folder_).find("it is a folder"), std::string::npos);
    EXPECT_NE(error_of_file(write("")).find("is empty"), std::string::npos);
    EXPECT_NE(error_of_file(write("{\"Servers\": [}")).find("line 1"), std::string::npos);
    EXPECT_NE(error_of_file(write("{\"Servers\": []}")).find("Servers is empty"),
              std::string::npos);
}

TEST_F(ConfigFile, MayBeEndlessWithoutHarm) {
    EXPECT_NE(error_of_file("/dev/zero").find("larger than 1 MiB"), std::string::npos);
}

}  // namespace
}  // namespace raftkv
