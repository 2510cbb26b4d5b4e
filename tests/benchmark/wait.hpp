#pragma once

#include <poll.h>

#include <chrono>

namespace raftkv::benchmark {

// Asks again and again until the answer is yes; false when it was no for `limit`.
template <class Question>
bool wait_until(std::chrono::milliseconds limit, Question question) {
    auto deadline = std::chrono::steady_clock::now() + limit;
    while (!question()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        poll(nullptr, 0, 20);
    }
    return true;
}

}  // namespace raftkv::benchmark
