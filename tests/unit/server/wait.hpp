#pragma once

#include <poll.h>

#include <chrono>

namespace raftkv::server {

// Asks again and again; false when the answer was no for ten seconds.
template <class Question>
bool comes_true(Question question) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!question()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        ::poll(nullptr, 0, 1);
    }
    return true;
}

}  // namespace raftkv::server
