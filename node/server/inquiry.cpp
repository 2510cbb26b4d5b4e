#include "node/server/inquiry.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "node/server/wakeup.hpp"

namespace raftkv::server {

struct Inquiry::Impl {
    Impl(std::function<Result<JoinAdvice>()> ask_in, Poller& poller,
         std::function<void(JoinAdvice)> told_in)
        : ask(std::move(ask_in)), told(std::move(told_in)), answered(poller, [this] { tell(); }) {
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
    void tell();

    const std::function<Result<JoinAdvice>()> ask;
    const std::function<void(JoinAdvice)> told;
    Wakeup answered;

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
        answered.notify();
    }
}

void Inquiry::Impl::tell() {
    std::optional<JoinAdvice> advice;
    {
        std::lock_guard lock(mutex);
        advice.swap(answer);
    }
    if (advice) told(std::move(*advice));
}

Inquiry::Inquiry(std::function<Result<JoinAdvice>()> ask, Poller& poller,
                 std::function<void(JoinAdvice)> told)
    : impl_(std::make_unique<Impl>(std::move(ask), poller, std::move(told))) {}
Inquiry::~Inquiry() = default;

void Inquiry::want(bool wanted) {
    {
        std::lock_guard lock(impl_->mutex);
        if (impl_->wanted == wanted) return;
        impl_->wanted = wanted;
    }
    impl_->changed.notify_one();
}

}  // namespace raftkv::server
