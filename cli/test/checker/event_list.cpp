#include "cli/test/checker/event_list.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::test {

std::size_t EventList::bytes_for(std::size_t operations) {
    // The third is the list that is sorted at the beginning.
    return (operations * 2 + 1) * 3 * sizeof(Event);
}

EventList::EventList(const std::vector<KeyOperation>& operations)
    : operations_(operations), head_(static_cast<Event>(operations.size() * 2)) {
    RAFTKV_CHECK(operations.size() < nobody / 2);
    std::vector<Event> order;
    order.reserve(operations.size() * 2);
    for (std::uint32_t i = 0; i < operations.size(); ++i) {
        if (operations[i].may_be_left_out) continue;
        RAFTKV_CHECK(operations[i].from <= operations[i].until);
        order.push_back(begin_of(i));
        order.push_back(end_of(i));
    }
    const auto time_of = [&](Event event) {
        return is_end(event) ? operations[event / 2].until : operations[event / 2].from;
    };
    std::sort(order.begin(), order.end(), [&](Event a, Event b) {
        if (time_of(a) != time_of(b)) return time_of(a) < time_of(b);
        if (is_end(a) != is_end(b)) return is_end(b);
        return a < b;
    });

    next_.assign(operations.size() * 2 + 1, head_);
    previous_.assign(operations.size() * 2 + 1, head_);
    Event last = head_;
    for (const Event event : order) {
        next_[last] = event;
        previous_[event] = last;
        last = event;
    }
    next_[last] = head_;
    previous_[head_] = last;
}

void EventList::unlink(Event event) {
    next_[previous_[event]] = next_[event];
    previous_[next_[event]] = previous_[event];
}

void EventList::link(Event event) {
    next_[previous_[event]] = event;
    previous_[next_[event]] = event;
}

void EventList::take_out(std::uint32_t operation) {
    // The end first, so that the begin goes on knowing what comes after both.
    unlink(end_of(operation));
    unlink(begin_of(operation));
}

void EventList::put_back(std::uint32_t operation) {
    link(begin_of(operation));
    link(end_of(operation));
}

std::uint32_t EventList::first_to_end() const {
    RAFTKV_CHECK(!empty());
    Event event = next_[head_];
    while (!is_end(event)) event = next_[event];
    return event / 2;
}

Instant EventList::deadline() const {
    return operations_[first_to_end()].until;
}

}  // namespace raftkv::test
