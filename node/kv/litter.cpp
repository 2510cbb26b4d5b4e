#include "node/kv/litter.hpp"

#include <utility>

namespace raftkv::kv {

Litter::~Litter() {
    for (const std::vector<Record*>& heap : heaps_) {
        for (Record* record : heap) free_record(record);
    }
}

void Litter::add(std::vector<Record*> records) {
    if (records.empty()) return;
    for (const Record* record : records) bytes_ += block_bytes(*record);
    heaps_.push_back(std::move(records));
}

void Litter::free_some(std::size_t limit) {
    for (; limit > 0 && !heaps_.empty(); --limit) {
        Record* record = heaps_.back().back();
        heaps_.back().pop_back();
        if (heaps_.back().empty()) heaps_.pop_back();
        bytes_ -= block_bytes(*record);
        free_record(record);
    }
}

}  // namespace raftkv::kv
