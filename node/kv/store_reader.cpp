#include "node/kv/store_reader.hpp"

#include "node/kv/frozen.hpp"
#include "node/kv/snapshot.hpp"
#include "node/kv/store_state.hpp"

namespace raftkv::kv {

StoreReader::StoreReader(const std::shared_ptr<StoreState>& state)
    : state_(state), frozen_(state->start_reading(snapshot::chunk_bytes)) {}

StoreReader::StoreReader(StoreReader&&) noexcept = default;

StoreReader::~StoreReader() {
    const std::shared_ptr<StoreState> state = state_.lock();
    if (state != nullptr && frozen_ != nullptr) state->stop_reading(*frozen_);
}

StoreReader::Outcome StoreReader::read(std::string& chunk) {
    const std::shared_ptr<StoreState> state = state_.lock();
    if (state == nullptr) return Outcome::store_is_gone;
    return frozen_->read(chunk) ? Outcome::more : Outcome::end;
}

std::size_t StoreReader::kept_bytes() const {
    return frozen_->kept_bytes();
}

}  // namespace raftkv::kv
