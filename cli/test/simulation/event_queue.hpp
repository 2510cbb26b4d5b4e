#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cli/test/simulation/plan.hpp"
#include "common/check.hpp"

namespace raftkv::simulation {

enum class EventKind : std::uint8_t {
    packet,          // `payload`: which
    tick,            // of a node's timer
    turn,            // a node acts on what it gathered
    sync_done,       // of a node's log
    idle_mark,       // nothing was written for a while
    segment_done,    // the next segment is prepared
    room_retry,      // on a full disk
    snapshot_step,   // of a node's thread for snapshots
    start,           // of a process
    connect,         // `node` and `payload` try to find each other again
    met,             // `node` notices that it is connected with `payload`
    lost,            // `node` notices that the connection with `payload` ended
    request,         // `payload`: of a client, reaches a node
    reply,           // `payload`: reaches a client
    next_operation,  // of client `node`
    give_up,         // client `node` loses patience; `payload`: with which attempt
    fault,           // `payload`: which begins
    fault_end,       // `payload`
    flap,            // `payload`: which fault
    forge,           // `payload`: which fault
    order,           // to change the members; `payload`: which fault
    heal,
    verdict,
    pipeline,  // of number `node`: the next commands reach a node
};

struct Event {
    Micros at = 0;
    std::uint64_t order = 0;  // among those of the same time
    EventKind kind = EventKind::tick;
    std::uint32_t node = 0;
    std::uint32_t life = 0;  // of the node's process: events of an earlier one go nowhere
    std::uint64_t payload = 0;
};

// What is going to happen, the next first. Equal times keep the order in which they were added.
class EventQueue {
  public:
    void add(Event event) {
        RAFTKV_CHECK(event.at >= now_);
        event.order = ++added_;
        heap_.push_back(event);
        std::push_heap(heap_.begin(), heap_.end(), later);
    }

    bool empty() const { return heap_.empty(); }

    // Time moves to that of the event.
    Event take() {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        Event event = heap_.back();
        heap_.pop_back();
        now_ = event.at;
        return event;
    }

    Micros now() const { return now_; }
    const Micros* clock() const { return &now_; }

  private:
    static bool later(const Event& a, const Event& b) {
        return a.at != b.at ? a.at > b.at : a.order > b.order;
    }

    std::vector<Event> heap_;
    std::uint64_t added_ = 0;
    Micros now_ = 0;
};

}  // namespace raftkv::simulation
