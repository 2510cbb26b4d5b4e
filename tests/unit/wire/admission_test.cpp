#include "node/wire/admission.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

#include "node/wire/introduction.hpp"

namespace raftkv::wire {
namespace {

using Reason = Refusal::Reason;

// Voters with the folders 100 + id.
raft::MembershipAt members_at(std::uint64_t index, std::initializer_list<std::uint32_t> ids) {
    raft::MembershipAt at{LogIndex(index), {}};
    for (const std::uint32_t id : ids)
        at.members.members.push_back({.id = NodeId(id), .folder = 100 + id});
    return at;
}

Refusal refusal(Reason reason, std::uint64_t index) {
    return {reason, LogIndex(index)};
}

TEST(Admission, WhoIsAMemberWithItsFolderMaySpeak) {
    const KnownMembers known{members_at(5, {0, 1, 2}), members_at(5, {0, 1, 2})};
    EXPECT_EQ(judge_caller(known, NodeId(1), 101), std::nullopt);
    EXPECT_EQ(judge_caller(known, NodeId(1), 7), refusal(Reason::other_folder, 5));
    EXPECT_EQ(judge_caller(known, NodeId(7), 107), refusal(Reason::not_a_member, 5));
}

TEST(Admission, WhatMayBeTakenBackShutsNobodyOut) {
    KnownMembers known{members_at(6, {0, 1}), members_at(5, {0, 1, 2})};
    known.in_force.members.retired.push_back({NodeId(2), 102});
    EXPECT_EQ(judge_caller(known, NodeId(2), 102), std::nullopt);
    known.applied = known.in_force;
    EXPECT_EQ(judge_caller(known, NodeId(2), 102), refusal(Reason::removed, 6));
}

TEST(Admission, WhoIsOnlyInTheEndOfTheLogMaySpeak) {
    const KnownMembers known{members_at(6, {0, 1, 2}), members_at(5, {0, 1})};
    EXPECT_EQ(judge_caller(known, NodeId(2), 102), std::nullopt);
}

TEST(Admission, AnIntroductionLetsNewMembersInAndOldOnesOut) {
    KnownMembers known{members_at(5, {0, 1, 2}), members_at(5, {0, 1, 2})};
    known.introduced = members_at(9, {0, 1, 3});
    known.introduced->members.retired.push_back({NodeId(2), 102});
    EXPECT_EQ(judge_caller(known, NodeId(3), 103), std::nullopt);
    EXPECT_EQ(judge_caller(known, NodeId(2), 102), refusal(Reason::removed, 9));
}

TEST(Refusals, CountOnceAMajorityOfTheOtherVotersSaysTheSame) {
    const raft::Membership members = members_at(5, {0, 1, 2, 3, 4}).members;
    Refusals refusals;
    const auto confirmed = [&] { return refusals.confirmed(members, LogIndex(5), NodeId(0)); };
    for (const std::uint32_t by : {1u, 1u, 77u, 0u})
        refusals.heard(NodeId(by), refusal(Reason::removed, 8));
    refusals.heard(NodeId(2), refusal(Reason::removed, 5));  // knows no more than this node
    refusals.heard(NodeId(3), refusal(Reason::other_folder, 8));
    EXPECT_EQ(confirmed(), std::nullopt);
    refusals.heard(NodeId(2), refusal(Reason::removed, 8));
    EXPECT_EQ(confirmed(), std::nullopt);
    refusals.heard(NodeId(3), refusal(Reason::removed, 8));
    EXPECT_EQ(confirmed(), Reason::removed);
    refusals.forget(NodeId(1));
    EXPECT_EQ(confirmed(), std::nullopt) << "it speaks with this node again";
}

TEST(Refusals, OfTheOnlyOtherVoterCount) {
    Refusals refusals;
    refusals.heard(NodeId(1), refusal(Reason::removed, 8));
    EXPECT_EQ(refusals.confirmed(members_at(5, {0, 1}).members, LogIndex(5), NodeId(0)),
              Reason::removed);
}

TEST(Introduction, ComesBackAsItWas) {
    const raft::MembershipAt members = members_at(9, {0, 1, 3});
    std::string bytes;
    encode_introduction(members, bytes);
    encode_refusal(refusal(Reason::removed, 9), bytes);
    for (std::size_t size = 0; size + refusal_bytes < bytes.size(); ++size)
        EXPECT_EQ(parse_answer(bytes.substr(0, size)).status, ParsedAnswer::Status::need_more);
    ParsedAnswer parsed = parse_answer(bytes);
    ASSERT_EQ(parsed.status, ParsedAnswer::Status::whole);
    const auto& back = std::get<raft::MembershipAt>(parsed.answer);
    EXPECT_EQ(back.index, members.index);
    EXPECT_EQ(back.members, members.members);
    parsed = parse_answer(std::string_view(bytes).substr(parsed.consumed));
    ASSERT_EQ(parsed.status, ParsedAnswer::Status::whole);
    EXPECT_EQ(std::get<Refusal>(parsed.answer), refusal(Reason::removed, 9));
}

TEST(Introduction, OtherBytesAreNone) {
    std::string bytes;
    encode_introduction(members_at(9, {0, 1, 3}), bytes);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
        EXPECT_NE(parse_answer(damaged).status, ParsedAnswer::Status::whole) << at;
    }
    EXPECT_EQ(parse_answer(std::string(100, '\xff')).status, ParsedAnswer::Status::malformed);
}

}  // namespace
}  // namespace raftkv::wire
