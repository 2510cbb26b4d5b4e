#include "tests/system/standin/member.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "common/checksum.hpp"

namespace raftkv::standin {
namespace {

using protocol::ReplyKind;

constexpr std::int64_t hold_ms = 2'000;
constexpr std::int64_t stale_for_ms = 25;
constexpr std::uint64_t dies_after_commands = 20;

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::string to_bytes(const Answer& answer) {
    protocol::Reply reply;
    reply.kind = answer.kind;
    reply.version = answer.version;
    reply.exptime_s = answer.exptime_s;
    reply.value = answer.value;
    std::string bytes;
    protocol::format(reply, bytes);
    return bytes;
}

}  // namespace

Member::Member(Mode mode, std::uint32_t id, std::uint32_t nodes,
               const std::filesystem::path& folder)
    : mode_(mode),
      id_(id),
      nodes_(nodes),
      life_signs_(folder, id, nodes),
      log_(folder / "standin.log"),
      model_(mode, nodes),
      next_nonce_(static_cast<std::uint64_t>(getpid()) << 32) {
    const bool was_used_before = std::filesystem::file_size(folder / "standin.log") > 0;
    if (mode_ == Mode::forgets && was_used_before) log_.append(new_record(Record::Kind::forget));
    log_.append(new_record(Record::Kind::beat));
    catch_up();
}

Record Member::new_record(Record::Kind kind) const {
    Record record;
    record.kind = kind;
    record.node = id_;
    record.term = model_.term();
    record.time_ms = now_ms();
    return record;
}

// The answer to the command with this nonce, if it is among the new records.
std::optional<Answer> Member::catch_up(std::uint64_t nonce) {
    std::optional<Answer> mine;
    log_.read_new([&](const Record& record) {
        auto answer = model_.apply(record);
        const bool is_mine = record.kind == Record::Kind::command && record.nonce == nonce;
        if (is_mine) mine = std::move(answer);
    });
    return mine;
}

void Member::tick() {
    const std::lock_guard lock(mutex_);
    log_.append(new_record(Record::Kind::beat));
    catch_up();
    if (!model_.is_vacant(now_ms()) || !majority_lives()) return;
    Record claim = new_record(Record::Kind::claim);
    ++claim.term;
    log_.append(claim);
    catch_up();
}

std::string Member::answer(const protocol::Request& request) {
    const std::int64_t give_up = now_ms() + hold_ms;
    for (;;) {
        if (auto bytes = try_answer(request)) return *bytes;
        if (now_ms() >= give_up) return to_bytes(Answer{});
        poll(nullptr, 0, 5);
    }
}

// Nothing while no leader is known.
std::optional<std::string> Member::try_answer(const protocol::Request& request) {
    const std::lock_guard lock(mutex_);
    catch_up();
    if (mode_ == Mode::stale_reads && !request.writes()) return read_stale(request);
    const auto leader = model_.leader(now_ms());
    if (!leader || !majority_lives()) return std::nullopt;
    if (*leader != id_) return redirect(*leader);
    if (mode_ == Mode::dies && ++commands_ > dies_after_commands) _exit(3);
    if (request.writes()) return write(request);
    return to_bytes(model_.read(model_.keys(), request.op, std::string(request.key), now_ms()));
}

std::string Member::write(const protocol::Request& request) {
    Record record = new_record(Record::Kind::command);
    record.nonce = ++next_nonce_;
    record.op = request.op;
    record.exptime_s = request.exptime_s;
    record.version = request.version;
    record.key = request.key;
    record.value = request.value;
    log_.append(record);
    if (const auto answer = catch_up(record.nonce)) return to_bytes(*answer);
    // Another one led by then: certainly not done.
    const auto leader = model_.leader(now_ms());
    return leader && *leader != id_ ? redirect(*leader) : to_bytes(Answer{});
}

// From a copy of the keys that is some time old; only what has changed since is wrong.
std::string Member::read_stale(const protocol::Request& request) {
    if (now_ms() - old_since_ms_ > stale_for_ms) {
        old_keys_ = model_.keys();
        old_since_ms_ = now_ms();
    }
    const std::string key(request.key);
    const Keys& keys = old_keys_.contains(key) ? old_keys_ : model_.keys();
    return to_bytes(model_.read(keys, request.op, key, now_ms()));
}

std::string Member::redirect(std::uint32_t leader) const {
    protocol::Reply reply;
    reply.kind = ReplyKind::redirect;
    reply.leader = NodeId(leader);
    std::string bytes;
    protocol::format(reply, bytes);
    return bytes;
}

bool Member::majority_lives() const {
    return mode_ == Mode::no_quorum || life_signs_.count() > nodes_ / 2;
}

bool Member::says_it_leads(std::int64_t now) const {
    const auto leader = model_.leader(now);
    if (!leader || !majority_lives()) return false;
    if (mode_ == Mode::two_leaders && id_ == (*leader + 1) % nodes_) return true;
    return *leader == id_;
}

std::string Member::status_json() {
    const std::lock_guard lock(mutex_);
    catch_up();
    const std::int64_t now = now_ms();
    const auto leader = model_.leader(now);
    nlohmann::json status;
    status["id"] = id_;
    status["role"] = says_it_leads(now) ? "leader" : "follower";
    status["term"] = model_.term();
    status["leader"] = nullptr;
    if (leader && majority_lives()) status["leader"] = *leader;
    for (const char* position : {"commit", "applied", "last_index", "durable_index"}) {
        status[position] = model_.index();
    }
    return status.dump() + "\n";
}

std::string Member::state_lines() {
    const std::lock_guard lock(mutex_);
    catch_up();
    nlohmann::json header;
    header["applied"] = model_.index();
    header["clock_ms"] = now_ms();
    header["keys"] = model_.keys().size();
    header["state_hash"] = "0000000000000000";
    std::string lines = header.dump() + "\n";
    bool spoil = mode_ == Mode::replicas_differ && id_ == 0;
    for (const auto& [key, entry] : model_.keys()) {
        nlohmann::json line;
        line["key"] = key;
        line["version"] = entry.version;
        line["exptime"] = entry.exptime_s;
        line["deadline_ms"] = nullptr;
        if (entry.deadline_ms) line["deadline_ms"] = *entry.deadline_ms;
        line["numbytes"] = entry.value.size();
        line["value_hash"] = fmt::format("{:016x}", checksum(entry.value) + (spoil ? 1 : 0));
        spoil = false;
        lines += line.dump() + "\n";
    }
    return lines;
}

}  // namespace raftkv::standin
