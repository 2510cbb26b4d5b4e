#pragma once

#include <cstdint>
#include <vector>

#include "cli/test/checker/event_list.hpp"
#include "cli/test/checker/key_model.hpp"
#include "cli/test/checker/key_part.hpp"
#include "cli/test/checker/known_versions.hpp"
#include "cli/test/checker/memory_account.hpp"
#include "cli/test/checker/optional_writes.hpp"
#include "cli/test/checker/seen_set.hpp"
#include "cli/test/checker/step_counter.hpp"

namespace raftkv::test {

enum class Found : std::uint8_t { an_order, none, out_of_steps, out_of_memory };

// Looks for an order of one key's operations: Wing & Gong's search with Lowe's memory of
// situations seen before ("Testing for linearizability", 2017). See README.md for what spares it
// most of the choices.
class KeySearch {
  public:
    // Both accounts are the caller's; what is taken from `memory` is given back at the end.
    KeySearch(const KeyPart& key, const KnownVersions& versions, const Limits& limits,
              StepCounter& steps, MemoryAccount& memory);
    KeySearch(const KeySearch&) = delete;
    KeySearch& operator=(const KeySearch&) = delete;
    ~KeySearch();

    Found run();

    // Roughly what a search takes before it begins.
    static std::size_t bytes_for(std::size_t operations);

  private:
    // One way to go on from a situation.
    struct Choice {
        std::uint32_t operation;  // nobody: the value expires
        std::uint64_t version;    // that a put is given
    };
    // A situation with several ways to go on.
    struct Frame {
        KeyState state;
        std::size_t trail;    // how much had been taken
        std::size_t choices;  // where its own begin
        std::size_t next;     // the one to try next
    };
    enum class Entered : std::uint8_t { done, dead_end, opened, out_of_steps, out_of_memory };

    Entered enter();
    Entered open_frame();
    bool place_answers();
    void collect_choices();
    void add(Choice choice);
    void add_must(std::uint32_t operation, std::uint32_t& first_delete);
    void add_put(std::uint32_t operation);
    void add_optional(Instant deadline);
    bool value_may_go() const;
    std::uint64_t unclaimed_version() const;

    bool next_choice();
    void make(Choice choice);
    void take(std::uint32_t operation);
    void undo_to(std::size_t trail);
    bool can_expire(Instant deadline) const;
    Mark mark_of_situation() const;

    const bool is_impossible_;
    const std::vector<KeyOperation>& operations_;
    const KnownVersions& versions_;
    StepCounter& steps_;
    MemoryAccount& memory_;
    KeyModel model_;
    EventList waiting_;
    OptionalWrites optional_;
    SeenSet seen_;

    std::vector<std::uint32_t> by_version_;       // puts of known version, in its order
    std::vector<std::uint64_t> wanted_;           // versions that only a cas speaks of, rising
    std::vector<std::uint32_t> readers_waiting_;  // beside each put
    std::vector<std::uint32_t> optional_found_;   // scratch

    // The situation.
    KeyState state_;
    std::size_t given_ = 0;             // of by_version_
    Mark taken_;                        // of the set of operations that have their place
    std::vector<std::uint32_t> trail_;  // these, in their order

    std::vector<Choice> choices_;
    std::vector<Frame> frames_;
    bool memory_spent_ = false;
};

}  // namespace raftkv::test
