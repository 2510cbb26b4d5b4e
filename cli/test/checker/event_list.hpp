#pragma once

#include <cstdint>
#include <vector>

#include "cli/test/checker/key_part.hpp"

namespace raftkv::test {

// Begins and ends, in the order of time, of the operations that still wait for their place: Wing &
// Gong's list. What is before the first end can come next; nothing else can. An end and a begin of
// the same instant overlap. Taking an operation out and putting it back cost nothing; they are put
// back in the reverse order.
class EventList {
  public:
    // Of those that cannot be left out. All others are never in the list.
    explicit EventList(const std::vector<KeyOperation>& operations);

    bool empty() const { return next_[head_] == head_; }
    void take_out(std::uint32_t operation);
    void put_back(std::uint32_t operation);

    // Until when the next operation must take effect. Not for an empty list.
    Instant deadline() const;
    // The operation whose end that is.
    std::uint32_t first_to_end() const;

    // Those that can come next, one after the other; nobody after the last. It may be taken out
    // before the next one is asked for.
    std::uint32_t first() const { return candidate(next_[head_]); }
    std::uint32_t after(std::uint32_t operation) const {
        return candidate(next_[begin_of(operation)]);
    }

    static std::size_t bytes_for(std::size_t operations);

  private:
    using Event = std::uint32_t;

    static Event begin_of(std::uint32_t operation) { return operation * 2; }
    static Event end_of(std::uint32_t operation) { return operation * 2 + 1; }
    bool is_end(Event event) const { return event % 2 == 1; }
    std::uint32_t candidate(Event event) const {
        return event == head_ || is_end(event) ? nobody : event / 2;
    }
    void unlink(Event event);
    void link(Event event);

    const std::vector<KeyOperation>& operations_;
    Event head_;
    std::vector<Event> next_;  // what was taken out keeps its neighbours
    std::vector<Event> previous_;
};

}  // namespace raftkv::test
