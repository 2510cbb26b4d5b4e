#include "cli/test/client_crew.hpp"

#include <utility>

namespace raftkv::test {

ClientCrew::~ClientCrew() {
    cancel();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void ClientCrew::start(const std::vector<RecordingClient::Setup>& setups, Work work) {
    work_ = std::move(work);
    working_ = setups.size();
    for (RecordingClient::Setup setup : setups) {
        setup.cancel_fd = cancellation_.descriptor();
        clients_.emplace_back(config_, setup);
    }
    for (std::uint32_t number = 0; number < clients_.size(); ++number) {
        threads_.emplace_back([this, number] {
            note(work_(clients_[number], number));
            --working_;
        });
    }
}

void ClientCrew::note(const Result<void>& result) {
    if (result) return;
    const std::lock_guard lock(mutex_);
    if (result_) result_ = result;
    cancel();
}

Result<void> ClientCrew::join() {
    for (std::thread& thread : threads_) thread.join();
    return result_;
}

History ClientCrew::take_history() {
    History history;
    for (const RecordingClient& client : clients_) {
        history.insert(history.end(), client.history().begin(), client.history().end());
    }
    return history;
}

}  // namespace raftkv::test
