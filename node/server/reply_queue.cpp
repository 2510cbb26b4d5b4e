#include "node/server/reply_queue.hpp"

#include <utility>

#include "common/check.hpp"

namespace raftkv::server {

std::uint64_t ReplyQueue::push(std::size_t bytes, bool reads) {
    if (size() == slots_.size()) grow();
    Slot& added = slot(next_);
    added.bytes = bytes;
    added.done = false;
    added.reads = reads;
    bytes_ += bytes;
    return next_++;
}

void ReplyQueue::complete(std::uint64_t number, const protocol::Reply& reply, std::string& out) {
    RAFTKV_CHECK(number >= first_ && number < next_);
    Slot& answered = slot(number);
    RAFTKV_CHECK(!answered.done);
    if (number != first_) {
        protocol::format(reply, answered.parked);
        parked_bytes_ += answered.parked.size();
        answered.done = true;
        return;
    }
    protocol::format(reply, out);
    pop();
    while (first_ != next_ && slot(first_).done) {
        Slot& early = slot(first_);
        out.append(early.parked);
        parked_bytes_ -= early.parked.size();
        std::string().swap(early.parked);
        pop();
    }
}

void ReplyQueue::pop() {
    bytes_ -= slot(first_).bytes;
    ++first_;
}

void ReplyQueue::grow() {
    std::vector<Slot> larger(slots_.empty() ? 4 : slots_.size() * 2);
    for (std::uint64_t number = first_; number != next_; ++number) {
        larger[number & (larger.size() - 1)] = std::move(slot(number));
    }
    slots_ = std::move(larger);
}

}  // namespace raftkv::server
