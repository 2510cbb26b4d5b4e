#pragma once

namespace raftkv::test {

// A request to break off, as a descriptor that blocking calls can watch. request() may be called
// from any thread and from a signal handler.
class Cancellation {
  public:
    Cancellation();
    Cancellation(const Cancellation&) = delete;
    Cancellation& operator=(const Cancellation&) = delete;
    ~Cancellation();

    void request() const;
    bool requested() const;
    // Readable once requested, for ever.
    int descriptor() const { return event_; }

  private:
    int event_;
};

}  // namespace raftkv::test
