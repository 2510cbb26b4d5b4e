#include "cli/admin/members.hpp"

#include <gtest/gtest.h>

#include <string>

namespace raftkv::cli {
namespace {

const std::string two_members =
    R"({"cluster_id":"00000000000000ff","answered_by":1,"leader":1,"term":4,"index":12,)"
    R"("committed":true,"last_index":50,"members":[)"
    R"({"id":1,"kind":"voter","host":"a","client_port":1,"log_port":2,"admin_host":"b",)"
    R"("admin_port":3,"folder":"0000000000000007","replaces":null,"connected":true,"lag":null},)"
    R"({"id":3,"kind":"joining","folder":null,"replaces":0,"connected":false,"match":5,"lag":45}]})";

TEST(Members, are_read_as_a_node_tells_them) {
    auto view = parse_members(two_members);
    ASSERT_TRUE(view.ok()) << view.error().message;
    EXPECT_EQ(view->cluster_id, 255u);
    EXPECT_TRUE(view->is_of_leader());
    EXPECT_EQ(view->index, LogIndex(12));
    const MemberInfo* one = view->find(NodeId(1));
    ASSERT_NE(one, nullptr);
    EXPECT_EQ(one->where.host, "a");
    EXPECT_EQ(one->where.admin_port, 3);
    EXPECT_EQ(one->kind, MemberKind::voter);
    const MemberInfo* three = view->find(NodeId(3));
    ASSERT_NE(three, nullptr);
    EXPECT_TRUE(three->where.host.empty());
    EXPECT_EQ(three->kind, MemberKind::joining);
    EXPECT_EQ(three->replaces, NodeId(0));
    EXPECT_EQ(three->lag, 45u);
    EXPECT_EQ(view->find(NodeId(2)), nullptr);
}

TEST(Members, say_nothing_that_moves_the_cursor_of_a_terminal) {
    std::string hostile = two_members;
    const std::string before = R"("replaces":0,)";
    hostile.insert(hostile.find(before), R"("refused":"why\u001b[2J\nnot",)");
    auto view = parse_members(hostile);
    ASSERT_TRUE(view.ok()) << view.error().message;
    const std::string refused = view->find(NodeId(3))->refused.value_or("");
    EXPECT_NE(refused.find("why"), std::string::npos);
    EXPECT_EQ(refused.find_first_of("\x1b\n"), std::string::npos) << refused;
}

TEST(Members, are_confirmed_by_a_leader_and_only_what_is_committed) {
    auto view = parse_members(two_members);
    ASSERT_TRUE(view.ok());
    EXPECT_TRUE(view->confirms(NodeId(1), MemberKind::voter));
    EXPECT_FALSE(view->confirms(NodeId(1), MemberKind::learner));
    EXPECT_FALSE(view->confirms(NodeId(1), std::nullopt));
    EXPECT_FALSE(view->confirms(NodeId(2), MemberKind::voter));
    EXPECT_TRUE(view->confirms(NodeId(2), std::nullopt));
    view->committed = false;
    EXPECT_FALSE(view->confirms(NodeId(1), MemberKind::voter));
    EXPECT_FALSE(view->confirms(NodeId(2), std::nullopt));
    view->committed = true;
    view->answered_by = NodeId(3);
    EXPECT_FALSE(view->confirms(NodeId(1), MemberKind::voter));
    EXPECT_FALSE(view->confirms(NodeId(2), std::nullopt));
}

TEST(Members, orders_to_add_one_say_where_it_is) {
    ServerConfig server;
    server.id = NodeId(3);
    server.host = "db-3";
    server.client_port = 9003;
    server.log_port = 9203;
    EXPECT_EQ(address_in_order(server),
              "id=3&host=db-3&client_port=9003&log_port=9203&admin_host=localhost");
    server.admin_host.clear();
    server.admin_port = 9103;
    EXPECT_EQ(address_in_order(server),
              "id=3&host=db-3&client_port=9003&log_port=9203&admin_port=9103");
}

TEST(Members, what_is_no_list_of_them_is_refused) {
    for (std::size_t length = 0; length < two_members.size(); ++length)
        ASSERT_FALSE(parse_members(two_members.substr(0, length)).ok());
    const auto with = [](const std::string& from, const std::string& to) {
        std::string text = two_members;
        return text.replace(text.find(from), from.size(), to);
    };
    for (const std::string& wrong :
         {with("\"id\":1", "\"id\":-1"), with("\"id\":1", "\"id\":4294967296"),
          with("voter", "vote"), with("\"00000000000000ff\"", "\"xyz\""),
          with("\"client_port\":1", "\"client_port\":65536"), with("\"term\":4", "\"term\":1.5"),
          with("true", "1"), std::string("[]"), std::string("null")})
        EXPECT_FALSE(parse_members(wrong).ok()) << wrong;
    std::string crowd = R"({"cluster_id":"1","answered_by":1,"leader":null,"term":4,"index":12,)"
                        R"("committed":true,"members":[{"id":0,"kind":"voter"})";
    for (int id = 1; id < 100; ++id)
        crowd += R"(,{"id":)" + std::to_string(id) + R"(,"kind":"voter"})";
    EXPECT_FALSE(parse_members(crowd + "]}").ok());
}

}  // namespace
}  // namespace raftkv::cli
