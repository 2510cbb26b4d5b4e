#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace raftkv::test {

// How much memory a check may still take. Everything in it that grows asks first.
class MemoryAccount {
  public:
    explicit MemoryAccount(std::size_t limit) : limit_(limit) {}

    bool take(std::size_t bytes) {
        if (bytes > limit_ - used_) return false;
        used_ += bytes;
        return true;
    }
    void give_back(std::size_t bytes) { used_ -= bytes; }

    // Makes room for one more element; false when that would be too much.
    template <class T>
    bool make_room(std::vector<T>& elements) {
        if (elements.size() < elements.capacity()) return true;
        const std::size_t before = elements.capacity();
        const std::size_t after = std::max<std::size_t>(64, before * 2);
        // While they are moved, both are there.
        if (!take(after * sizeof(T))) return false;
        elements.reserve(after);
        give_back(before * sizeof(T));
        return true;
    }

    // Frees what make_room() made.
    template <class T>
    void free(std::vector<T>& elements) {
        give_back(elements.capacity() * sizeof(T));
        std::vector<T>().swap(elements);
    }

  private:
    std::size_t limit_;
    std::size_t used_ = 0;
};

}  // namespace raftkv::test
