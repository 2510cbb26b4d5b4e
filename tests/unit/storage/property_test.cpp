#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/sanitized.hpp"
#include "tests/unit/storage/log_fixture.hpp"

// Random lives of a log, with crashes, against a naive model.

namespace raftkv::storage {
namespace {

class RandomLife {
  public:
    explicit RandomLife(std::uint64_t seed)
        : random_(seed), disk_(seed), segment_bytes_(small_segment + random_() % 3 * 1024) {
        disk_.set_reserves(random_() % 4 != 0);
    }

    void run(int steps) {
        open();
        for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
            step();
        }
    }

  private:
    void open() {
        const Segments segments = random_() % 2 == 0 ? Segments::filled : Segments::reserved;
        log_ = open_log(disk_, segment_bytes_, segments);
        ASSERT_EQ(model_.restart(log_), "");
    }

    void step() {
        const std::uint64_t what = random_() % 100;
        if (what < 70) {
            append();
        } else if (what < 85) {
            ASSERT_TRUE(log_.wal->sync());
            model_.sync();
        } else if (what < 88) {
            ASSERT_TRUE(log_.wal->mark_idle());
            model_.sync();
        } else if (what < 90) {
            ASSERT_TRUE(log_.wal->prepare_segment());
        } else if (what < 96) {
            read();
        } else {
            restart();
        }
    }

    void append() {
        raft::LogWrite write;
        term_ = std::max({term_, model_.now().hard_state.term.value(), model_.last_term()});
        if (random_() % 4 == 0) {
            write.hard_state = raft::HardState{Term(++term_), std::nullopt};
            if (random_() % 2 == 0) {
                write.hard_state->vote = NodeId(static_cast<std::uint32_t>(random_() % 5));
            }
        }
        std::uint64_t last = model_.last_index();
        if (random_() % 4 == 0 && last > model_.commit()) {
            last = model_.commit() + random_() % (last - model_.commit());
            write.truncate_from = LogIndex(last + 1);
        }
        const std::uint64_t count = random_() % 6;
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t size = random_() % 8 == 0 ? random_() % 600 : random_() % 40;
            write.entries.push_back(
                command(++last, term_, std::string(size, static_cast<char>(random_() % 3))));
        }
        const std::uint64_t may_commit = last - model_.commit();
        write.commit = LogIndex(model_.commit() + (may_commit > 0 ? random_() % may_commit : 0));
        ASSERT_TRUE(log_.wal->append(write));
        model_.append(write);
    }

    void read() {
        ASSERT_TRUE(log_.wal->sync());
        model_.sync();
        if (model_.last_index() == 0) {
            return;
        }
        const std::uint64_t from = 1 + random_() % model_.last_index();
        auto got = log_.wal->read(LogIndex(from), LogIndex(from + random_() % 20), random_() % 300);
        ASSERT_TRUE(got);
        ASSERT_FALSE(got->empty());
        const auto& all = model_.now().entries;
        for (const raft::Entry& entry : *got) {
            ASSERT_EQ(plain(entry), all.at(entry.index.value() - 1));
        }
    }

    void restart() {
        if (random_() % 2 == 0) {
            // In the middle of something.
            disk_.die_at(disk_.operations() + 1 + random_() % 6);
            for (int i = 0; i < 10 && !disk_.died(); ++i) {
                raft::LogWrite write =
                    entries({command(model_.last_index() + 1, term_ + 1, std::string(200, 'r'))});
                model_.append(write);
                if (log_.wal->append(write).ok() && log_.wal->sync().ok()) {
                    model_.sync();
                }
            }
        }
        log_ = OpenedLog();
        if (random_() % 3 == 0) {
            disk_.kill();
        } else {
            disk_.lose_power();
        }
        open();
    }

    std::mt19937_64 random_;
    MemoryDisk disk_;
    std::uint64_t segment_bytes_;
    std::uint64_t term_ = 1;
    OpenedLog log_;
    LogModel model_;
};

TEST(WalProperty, RandomLivesAreRememberedAsTheModelDoes) {
    for (std::uint64_t seed = 1; seed <= (is_sanitized ? 20 : 80); ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        RandomLife(seed).run(250);
        if (testing::Test::HasFailure()) {
            return;
        }
    }
}

}  // namespace
}  // namespace raftkv::storage
