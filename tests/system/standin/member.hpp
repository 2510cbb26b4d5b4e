#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "common/protocol/request.hpp"
#include "tests/system/standin/life_signs.hpp"
#include "tests/system/standin/mode.hpp"
#include "tests/system/standin/model.hpp"
#include "tests/system/standin/shared_log.hpp"

namespace raftkv::standin {

// One node of the cluster: what it answers, as bytes. Usable from any thread.
class Member {
  public:
    Member(Mode mode, std::uint32_t id, std::uint32_t nodes, const std::filesystem::path& folder);

    // Says that it is alive, and tries to lead when nobody does. To be called every few ms.
    void tick();

    // The whole reply to a command. Waits a while for a leader when there is none.
    std::string answer(const protocol::Request& request);

    std::string status_json();
    std::string state_lines();

  private:
    std::optional<std::string> try_answer(const protocol::Request& request);
    std::string write(const protocol::Request& request);
    std::string read_stale(const protocol::Request& request);
    std::string redirect(std::uint32_t leader) const;
    std::optional<Answer> catch_up(std::uint64_t nonce = 0);
    Record new_record(Record::Kind kind) const;
    bool majority_lives() const;
    bool says_it_leads(std::int64_t now_ms) const;

    const Mode mode_;
    const std::uint32_t id_;
    const std::uint32_t nodes_;
    const LifeSigns life_signs_;
    std::mutex mutex_;  // guards all below
    SharedLog log_;
    Model model_;
    std::uint64_t next_nonce_ = 0;
    std::uint64_t commands_ = 0;
    Keys old_keys_;  // what stale reads see
    std::int64_t old_since_ms_ = 0;
};

}  // namespace raftkv::standin
