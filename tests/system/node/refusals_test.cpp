#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <string>

#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// A node that cannot start says why, and with which exit code.

namespace raftkv::system_test {
namespace {

namespace fs = std::filesystem;

class Refusals : public testing::Test {
  protected:
    // Starts node 0 and expects that it ends with this code and these words.
    void expect_end(int code, std::initializer_list<std::string> words, std::uint32_t id = 0) {
        nodes_.start(id);
        EXPECT_EQ(nodes_.exit_code(id), code) << nodes_.log(id);
        for (const std::string& word : words) {
            EXPECT_NE(nodes_.log(id).find(word), std::string::npos)
                << "\"" << word << "\" is not in: " << nodes_.log(id);
        }
    }
    void configure(const std::string& text) { std::ofstream(nodes_.config_file()) << text; }

    Nodes nodes_{2};
};

TEST_F(Refusals, a_missing_configuration) {
    fs::remove(nodes_.config_file());
    expect_end(64, {"config.json"});
}

TEST_F(Refusals, an_empty_configuration) {
    configure("");
    expect_end(64, {"config.json"});
}

TEST_F(Refusals, a_malformed_configuration) {
    configure("{\"Servers\": [");
    expect_end(64, {"config.json"});
}

TEST_F(Refusals, a_wrong_type) {
    configure(R"({"Servers": [{"Id": "zero", "Hostname": "localhost", "ClientPort": 9000,
                 "LogPort": 9050}]})");
    expect_end(64, {"Id"});
}

TEST_F(Refusals, an_id_that_is_not_in_the_configuration) {
    expect_end(64, {"no server with Id 7", "0, 1"}, 7);
}

TEST_F(Refusals, a_port_that_somebody_has) {
    nodes_.start(1);
    Dialogue wait_until_it_listens(nodes_.client_port(1));
    std::string taken = std::to_string(nodes_.client_port(1));
    // Another cluster's configuration, whose node 0 wants the port of our node 1.
    Nodes others(1);
    std::string theirs = R"({"Path": "data", "Servers": [{"Id": 0, "Hostname": "127.0.0.1", )"
                         R"("ClientPort": )" +
                         taken + R"(, "LogPort": )" + std::to_string(others.log_port(0)) +
                         R"(, "AdminPort": )" + std::to_string(others.admin_port(0)) + "}]}";
    std::ofstream(others.config_file()) << theirs;
    others.start(0);
    EXPECT_EQ(others.exit_code(0), 64);
    std::string said = others.log(0);
    EXPECT_NE(said.find("ClientPort " + taken), std::string::npos) << said;
    EXPECT_NE(said.find("(raftkv)"), std::string::npos) << said;
}

TEST_F(Refusals, a_folder_that_another_process_has) {
    nodes_.start(0);
    Dialogue wait_until_it_listens(nodes_.client_port(0));
    Nodes twin(1);
    fs::copy_file(nodes_.config_file(), twin.config_file(), fs::copy_options::overwrite_existing);
    fs::remove_all(twin.folder() / "data");
    fs::create_directory_symlink(nodes_.folder() / "data", twin.folder() / "data");
    twin.start(0);
    auto code = twin.exit_code(0);
    EXPECT_EQ(code, 1) << twin.log(0);
    std::string holder = "in use by process " + std::to_string(nodes_.status(0)->pid);
    EXPECT_NE(twin.log(0).find(holder), std::string::npos) << twin.log(0);
    EXPECT_TRUE(nodes_.running(0));
}

TEST_F(Refusals, a_folder_of_another_node) {
    nodes_.start(0);
    Dialogue(nodes_.client_port(0)).ask("nonsense\r\n", "ERR_CMD_ERR\r\n");
    nodes_.signal(0, SIGTERM);
    ASSERT_EQ(nodes_.exit_code(0), 0);
    fs::rename(nodes_.data(0), nodes_.data(1));
    expect_end(64, {"node-1"}, 1);
}

// "ClusterId" is a guard for whoever wants one.
TEST_F(Refusals, a_folder_of_another_cluster_id) {
    const auto guard = [](Nodes& nodes, const std::string& id) {
        std::ifstream in(nodes.config_file());
        std::string text{std::istreambuf_iterator<char>(in), {}};
        text.insert(text.find('{') + 1, "\"ClusterId\": \"" + id + "\", ");
        std::ofstream(nodes.config_file()) << text;
    };
    guard(nodes_, "aa");
    nodes_.start(0);
    Dialogue(nodes_.client_port(0)).ask("nonsense\r\n", "ERR_CMD_ERR\r\n");
    nodes_.signal(0, SIGTERM);
    ASSERT_EQ(nodes_.exit_code(0), 0);
    Nodes others(2);
    guard(others, "bb");
    fs::create_directories(others.folder() / "data");
    fs::rename(nodes_.data(0), others.data(0));
    others.start(0);
    EXPECT_EQ(others.exit_code(0), 64) << others.log(0);
    EXPECT_NE(others.log(0).find("ClusterId 00000000000000aa"), std::string::npos) << others.log(0);
}

// Permissions say nothing to root; a file in the place of the folder does, and so does /proc.
TEST_F(Refusals, a_data_folder_that_cannot_be_one) {
    std::ofstream(nodes_.folder() / "data") << "in the way";
    expect_end(64, {"data"});
}

TEST_F(Refusals, a_data_folder_that_cannot_be_written) {
    fs::create_directory_symlink("/proc/sys", nodes_.folder() / "data");
    expect_end(64, {"node-0"});
}

}  // namespace
}  // namespace raftkv::system_test
