#include "node/server/inquiry.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace raftkv::server {

struct Inquiry::Impl {
    Impl(std::function<Result<JoinAdvice>()> ask_in, std::function<void()> answered_in)
        : ask(std::move(ask_in)), answered(std::move(answered_in)) {
        thread = std::thread([this] { loop(); });
    }

    ~Impl() {
        {
            std::lock_guard lock(mutex);
            stopping = true;
        }
        changed.notify_one();
        thread.join();
    }

    void loop();

    const std::function<Result<JoinAdvice>()> ask;
    const std::function<void()> answered;

    std::mutex mutex;  // guards all below
    std::condition_variable changed;
    bool wanted = false, stopping = false;
    std::optional<JoinAdvice> answer;

    std::thread thread;
};

void Inquiry::Impl::loop() {
    constexpr std::chrono::seconds pause{1};
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait(lock, [this] { return stopping || wanted; });
        if (changed.wait_for(lock, pause, [this] { return stopping; })) return;
        if (!wanted) continue;
        lock.unlock();
        auto said = ask();
        lock.lock();
        if (!said) continue;
        answer = std::move(*said);
        lock.unlock();
        answered();
        lock.lock();
    }
}

Inquiry::Inquiry(std::function<Result<JoinAdvice>()> ask, std::function<void()> answered)
    : impl_(std::make_unique<Impl>(std::move(ask), std::move(answered))) {}
Inquiry::~Inquiry() = default;

void Inquiry::want(bool wanted) {
    {
        std::lock_guard lock(impl_->mutex);
        if (impl_->wanted == wanted) return;
        impl_->wanted = wanted;
    }
    impl_->changed.notify_one();
}

std::optional<JoinAdvice> Inquiry::take() {
    std::lock_guard lock(impl_->mutex);
    return std::exchange(impl_->answer, std::nullopt);
}

}  // namespace raftkv::server
