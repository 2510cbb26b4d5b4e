#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/cluster/child_process.hpp"
#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// raftkv node verify and inspect, on the folder of a real node.

namespace raftkv::system_test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class LookAtNode : public testing::Test {
  protected:
    struct Ended {
        int code = -1;
        std::string output;  // stdout and stderr
    };

    Ended run(std::vector<std::string> arguments) {
        cli::ChildSpec spec;
        spec.program = RAFTKV_BINARY;
        arguments.insert(arguments.begin(), "node");
        spec.arguments = std::move(arguments);
        spec.output_file = nodes_.folder() / "look.txt";
        fs::remove(spec.output_file);
        auto child = cli::ChildProcess::start(spec);
        EXPECT_TRUE(child.ok());
        auto end = child->wait_for(std::chrono::seconds(20));
        EXPECT_TRUE(end && !end->signalled);
        return {end ? end->code : -1, bytes_of(spec.output_file)};
    }

    std::string data() const { return nodes_.data(0).string(); }

    void write_and_end() {
        nodes_.start(0);
        nodes_.leader();
        Dialogue c(nodes_.client_port(0));
        for (int i = 0; i < 20; ++i) {
            c.say("set k" + std::to_string(i) + " 0 6\r\nva\xff" + "lue\r\n");
            ASSERT_TRUE(c.line().starts_with("OK "));
        }
        c.say("delete k3\r\n");
        c.line();
        c.say("set name 60 4\r\narun\r\n");
        const std::string version = c.line();
        ASSERT_TRUE(version.starts_with("OK "));
        c.say("cas name 0 " + version.substr(3, version.find_first_of("\r\n") - 3) +
              " 5\r\narun!\r\n");
        ASSERT_TRUE(c.line().starts_with("OK "));
        nodes_.signal(0, SIGTERM);
        ASSERT_EQ(nodes_.exit_code(0), 0);
    }

    std::map<std::string, std::string> files() const {
        std::map<std::string, std::string> found;
        for (const auto& file : fs::directory_iterator(nodes_.data(0))) {
            if (file.is_regular_file()) found[file.path().filename()] = bytes_of(file.path());
        }
        return found;
    }

    fs::path a_segment() const {
        for (const auto& [name, bytes] : files()) {
            if (name.starts_with("wal-")) return nodes_.data(0) / name;
        }
        return {};
    }

    Nodes nodes_{1};
};

TEST_F(LookAtNode, a_whole_folder_is_good_and_stays_as_it_is) {
    write_and_end();
    const auto before = files();
    const Ended text = run({"verify", data()});
    EXPECT_EQ(text.code, 0) << text.output;
    for (const char* word : {"node 0 of cluster", "20 keys", "verdict   good"}) {
        EXPECT_NE(text.output.find(word), std::string::npos) << text.output;
    }
    const Ended as_json = run({"verify", data(), "--json"});
    EXPECT_EQ(as_json.code, 0);
    const json object = json::parse(as_json.output);
    EXPECT_EQ(object["good"], true);
    EXPECT_EQ(object["keys"], 20);
    EXPECT_EQ(object["node"], 0);
    EXPECT_EQ(object["damage"].size(), 0u);
    EXPECT_GE(object["last_index"].get<int>(), 23);
    EXPECT_EQ(files(), before);
}

TEST_F(LookAtNode, entries_are_shown_by_index) {
    write_and_end();
    const auto before = files();
    const Ended text = run({"inspect", data()});
    EXPECT_EQ(text.code, 0) << text.output;
    for (const char* line :
         {"members: 0", "set \"k7\" \"va\\xfflue\"", "set \"name\" \"arun\" for 60 s",
          "cas \"name\" version ", "delete \"k3\""}) {
        EXPECT_NE(text.output.find(line), std::string::npos)
            << "no " << line << ": " << text.output;
    }
    std::istringstream lines(run({"inspect", data(), "--json", "--from", "2", "--to", "5"}).output);
    std::vector<json> entries;
    for (std::string line; std::getline(lines, line);) entries.push_back(json::parse(line));
    ASSERT_EQ(entries.size(), 4u);
    EXPECT_EQ(entries[0]["index"], 2);
    EXPECT_EQ(entries[0]["kind"], "set");
    EXPECT_EQ(entries[0]["key"], "k0");
    EXPECT_EQ(entries[0]["value_base64"], "dmH/bHVl");
    EXPECT_EQ(entries[0]["committed"], true);
    EXPECT_EQ(files(), before);
}

TEST_F(LookAtNode, damage_is_named_with_its_place_and_the_rest_is_shown) {
    write_and_end();
    const fs::path segment = a_segment();
    const std::size_t place = bytes_of(segment).find("k7");
    ASSERT_NE(place, std::string::npos);
    {
        std::fstream out(segment, std::ios::binary | std::ios::in | std::ios::out);
        out.seekp(static_cast<std::streamoff>(place));
        out << 'K';
    }
    const auto before = files();
    const Ended verified = run({"verify", data()});
    EXPECT_EQ(verified.code, 65) << verified.output;
    for (const std::string& word :
         {std::string("DAMAGED   ") + segment.filename().string() + " at offset ",
          std::string("no node will start")}) {
        EXPECT_NE(verified.output.find(word), std::string::npos) << verified.output;
    }
    const Ended as_json = run({"verify", data(), "--json"});
    const json object = json::parse(as_json.output.substr(as_json.output.find("\n{") + 1));
    EXPECT_EQ(object["good"], false);
    EXPECT_EQ(object["damage"][0]["file"], segment.filename().string());
    const Ended inspected = run({"inspect", data()});
    EXPECT_EQ(inspected.code, 65);
    EXPECT_NE(inspected.output.find("set \"k6\""), std::string::npos);
    EXPECT_EQ(inspected.output.find("set \"k7\""), std::string::npos);
    EXPECT_NE(inspected.output.find("is damaged"), std::string::npos);
    EXPECT_EQ(files(), before);
}

TEST_F(LookAtNode, a_node_that_runs_is_left_alone) {
    nodes_.start(0);
    nodes_.leader();
    for (const char* command : {"verify", "inspect"}) {
        const Ended ended = run({command, data()});
        EXPECT_EQ(ended.code, 1) << ended.output;
        EXPECT_NE(ended.output.find("in use by process"), std::string::npos) << ended.output;
    }
}

TEST_F(LookAtNode, what_is_no_folder_of_a_node_is_refused) {
    for (const char* command : {"verify", "inspect"}) {
        EXPECT_EQ(run({command, (nodes_.folder() / "none").string()}).code, 64);
        EXPECT_EQ(run({command, nodes_.folder().string()}).code, 64) << "no log in it";
        EXPECT_EQ(run({command}).code, 64);
        EXPECT_EQ(run({command, data(), "--nonsense"}).code, 64);
    }
    EXPECT_EQ(run({"inspect", data(), "--from", "x"}).code, 64);
    EXPECT_EQ(run({}).code, 64) << "a node without its id";
    EXPECT_EQ(run({"verify", "--help"}).code, 0);
}

}  // namespace
}  // namespace raftkv::system_test
