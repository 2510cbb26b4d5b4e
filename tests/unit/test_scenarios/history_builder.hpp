#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/test/history/history.hpp"

namespace raftkv::test {

// Writes a history down in a few words. Times are milliseconds; an operation without a time of its
// own comes after all before it and takes 1 ms.
class HistoryBuilder {
  public:
    // What the last operation of the history was about, to say more of it.
    class Line {
      public:
        explicit Line(HistoryBuilder& owner, Operation& op) : owner_(owner), op_(op) {}
        Line& by(std::uint32_t client) {
            op_.client = client;
            return *this;
        }
        Line& at(int start_ms, int end_ms) {
            op_.start = time(start_ms);
            op_.end = time(end_ms);
            owner_.now_ms_ = end_ms;
            return *this;
        }
        Line& expires_after(std::uint32_t seconds) {
            op_.exptime_s = seconds;
            return *this;
        }
        Line& ok(std::uint64_t version = 0) {
            op_.outcome = Outcome::ok;
            op_.version = version;
            return *this;
        }
        Line& conflict() { return outcome(Outcome::conflict); }
        Line& absent() { return outcome(Outcome::absent); }
        Line& not_done() { return outcome(Outcome::not_done); }
        Line& unknown() { return outcome(Outcome::unknown); }

      private:
        Line& outcome(Outcome outcome) {
            op_.outcome = outcome;
            return *this;
        }
        HistoryBuilder& owner_;
        Operation& op_;
    };

    Line set(const std::string& key, const std::string& value) {
        return add(protocol::Op::set, key, value);
    }
    Line cas(const std::string& key, std::uint64_t expected, const std::string& value) {
        Line line = add(protocol::Op::cas, key, value);
        history.back().expected = expected;
        return line;
    }
    Line del(const std::string& key) { return add(protocol::Op::del, key, ""); }
    // A read that returned `value`; say absent() for one that found nothing.
    Line get(const std::string& key, const std::string& value = "") {
        return add(protocol::Op::get, key, value);
    }
    Line getm(const std::string& key, const std::string& value = "") {
        return add(protocol::Op::getm, key, value);
    }

    History history;

  private:
    static Instant time(int ms) { return Instant(std::chrono::milliseconds(ms)); }

    Line add(protocol::Op op, const std::string& key, const std::string& value) {
        Operation operation;
        operation.op = op;
        operation.key = key;
        operation.fingerprint = fingerprint_of(value);
        operation.start = time(now_ms_ + 1);
        operation.end = time(now_ms_ + 2);
        now_ms_ += 2;
        history.push_back(operation);
        return Line(*this, history.back());
    }

    int now_ms_ = 0;
};

}  // namespace raftkv::test
