#include "node/kv/litter.hpp"

#include <utility>

namespace raftkv::kv {

Litter::~Litter() {
    for (const std::vector<Record*>& heap : heaps_) {
        for (Record* record : heap) free_record(record);
    }
}

void Litter::add(std::vector<std::vector<Record*>> heaps, std::size_t bytes) {
    bytes_ += bytes;
    for (std::vector<Record*>& heap : heaps) {
        if (!heap.empty()) heaps_.push_back(std::move(heap));
    }
}

void Litter::free_some(std::size_t limit) {
    for (; limit > 0 && !heaps_.empty(); --limit) {
        std::vector<Record*>& heap = heaps_.back();
        Record* record = heap.back();
        heap.pop_back();
        if (heap.empty()) heaps_.pop_back();
        bytes_ -= block_bytes(*record);
        free_record(record);
    }
}

}  // namespace raftkv::kv
