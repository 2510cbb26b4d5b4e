#include "node/raft/membership.hpp"

#include <algorithm>

#include "common/bytes.hpp"
#include "common/check.hpp"

namespace raftkv::raft {
namespace {

constexpr std::uint8_t format_without_cluster = 1;
constexpr std::uint8_t format = 2;
constexpr std::uint8_t has_address = 1;
constexpr std::uint8_t has_replaces = 2;

void put_text(std::string& out, const std::string& text) {
    put(out, static_cast<std::uint8_t>(text.size()));
    out += text;
}

std::string take_text(ByteReader& in) {
    return std::string(in.take_bytes(in.take<std::uint8_t>()));
}

void put_member(std::string& out, const Member& member) {
    put(out, member.id.value());
    put(out, static_cast<std::uint8_t>(member.kind));
    put(out, member.folder);
    put(out, static_cast<std::uint8_t>((member.address ? has_address : 0) |
                                       (member.replaces ? has_replaces : 0)));
    if (member.address) {
        put_text(out, member.address->host);
        put(out, member.address->client_port);
        put(out, member.address->log_port);
        put(out, member.address->admin_port);
        put_text(out, member.address->admin_host);
    }
    if (member.replaces) put(out, member.replaces->value());
}

Member take_member(ByteReader& in) {
    Member member;
    member.id = NodeId(in.take<std::uint32_t>());
    member.kind = static_cast<Member::Kind>(in.take<std::uint8_t>());
    member.folder = in.take<std::uint64_t>();
    const auto flags = in.take<std::uint8_t>();
    if (flags & has_address) {
        MemberAddress& address = member.address.emplace();
        address.host = take_text(in);
        address.client_port = in.take<std::uint16_t>();
        address.log_port = in.take<std::uint16_t>();
        address.admin_port = in.take<std::uint16_t>();
        address.admin_host = take_text(in);
    }
    if (flags & has_replaces) member.replaces = NodeId(in.take<std::uint32_t>());
    return member;
}

bool is_sound(const Membership& membership) {
    const auto& members = membership.members;
    const bool known_kinds = std::all_of(members.begin(), members.end(), [](const Member& member) {
        return member.kind >= Member::Kind::voter && member.kind <= Member::Kind::joining;
    });
    const bool ascending =
        std::adjacent_find(members.begin(), members.end(), [](const Member& a, const Member& b) {
            return a.id >= b.id;
        }) == members.end();
    return known_kinds && ascending && members.size() <= max_members && membership.voters() > 0 &&
           membership.retired.size() <= max_retired_folders;
}

}  // namespace

std::string_view name_of(Member::Kind kind) {
    switch (kind) {
        case Member::Kind::voter:
            return "voter";
        case Member::Kind::learner:
            return "learner";
        case Member::Kind::joining:
            return "joining";
    }
    check_failed("a kind", __FILE__, __LINE__);
}

const Member* Membership::find(NodeId id) const {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [id](const Member& member) { return member.id == id; });
    return found == members.end() ? nullptr : &*found;
}

bool Membership::has_voter(NodeId id) const {
    const Member* member = find(id);
    return member && member->votes();
}

std::size_t Membership::voters() const {
    return static_cast<std::size_t>(std::count_if(
        members.begin(), members.end(), [](const Member& member) { return member.votes(); }));
}

bool Membership::is_retired(NodeId id, std::uint64_t folder) const {
    return std::find(retired.begin(), retired.end(), MemberFolder{id, folder}) != retired.end();
}

bool Membership::has(NodeId id, std::uint64_t folder) const {
    const Member* member = find(id);
    if (member == nullptr) return false;
    return member->folder == 0 ? !is_retired(id, folder) : member->folder == folder;
}

Membership first_membership(std::span<const NodeId> servers) {
    Membership first;
    for (NodeId id : servers) first.members.push_back({.id = id});
    std::sort(first.members.begin(), first.members.end(),
              [](const Member& a, const Member& b) { return a.id < b.id; });
    return first;
}

std::string encode(const Membership& membership) {
    RAFTKV_CHECK(is_sound(membership));
    std::string out;
    put(out, membership.cluster == 0 ? format_without_cluster : format);
    if (membership.cluster != 0) put(out, membership.cluster);
    put(out, static_cast<std::uint8_t>(membership.members.size()));
    put(out, static_cast<std::uint16_t>(membership.retired.size()));
    for (const Member& member : membership.members) put_member(out, member);
    for (const MemberFolder& retired : membership.retired) {
        put(out, retired.id.value());
        put(out, retired.folder);
    }
    return out;
}

std::optional<Membership> decode_membership(std::string_view bytes) {
    ByteReader in(bytes);
    const auto form = in.take<std::uint8_t>();
    if (form != format && form != format_without_cluster) return std::nullopt;
    Membership membership;
    if (form == format) membership.cluster = in.take<std::uint64_t>();
    const auto members = in.take<std::uint8_t>();
    const auto retired = in.take<std::uint16_t>();
    for (int i = 0; in.ok() && i < members; ++i) membership.members.push_back(take_member(in));
    for (int i = 0; in.ok() && i < retired; ++i) {
        const NodeId id(in.take<std::uint32_t>());
        membership.retired.push_back({id, in.take<std::uint64_t>()});
    }
    if (!in.done() || !is_sound(membership) || encode(membership) != bytes) return std::nullopt;
    return membership;
}

}  // namespace raftkv::raft
