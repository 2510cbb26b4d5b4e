#include "node/storage/batch.hpp"

namespace raftkv::storage {

namespace {

constexpr std::size_t copy_up_to = 1024;
constexpr std::size_t keep_capacity = 1u << 20;

}  // namespace

std::uint64_t Batch::add(const Record& record, const SharedBytes& payload, RecordPlace place) {
    const std::uint64_t sum = encode_header(copied_, record, payload.view(), place);
    if (payload.size() <= copy_up_to) {
        copied_.append(payload.view());
    } else {
        splices_.push_back({copied_.size(), payload});
    }
    const std::uint64_t size = record_bytes(payload.size());
    copied_.append(size - record_header_bytes - payload.size(), '\0');
    bytes_ += size;
    return sum;
}

std::vector<std::string_view> Batch::pieces() const {
    std::vector<std::string_view> pieces;
    pieces.reserve(2 * splices_.size() + 1);
    const std::string_view copied = copied_;
    std::size_t done = 0;
    for (const Splice& splice : splices_) {
        pieces.push_back(copied.substr(done, splice.copied_before - done));
        pieces.push_back(splice.payload.view());
        done = splice.copied_before;
    }
    if (done < copied.size()) {
        pieces.push_back(copied.substr(done));
    }
    return pieces;
}

void Batch::clear() {
    copied_.clear();
    if (copied_.capacity() > keep_capacity) {
        copied_.shrink_to_fit();
    }
    splices_.clear();
    bytes_ = 0;
}

}  // namespace raftkv::storage
