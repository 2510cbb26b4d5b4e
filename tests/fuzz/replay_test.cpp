#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/targets.hpp"

// Every input that is kept, without the fuzzer: the seeds of its corpus, and what it found once.

namespace raftkv::fuzz {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs_of(const std::string& target) {
    const fs::path here = RAFTKV_FUZZ_FOLDER;
    std::vector<fs::path> inputs;
    for (const fs::path& folder : {here / "corpus" / target, here / "regressions" / target}) {
        if (!fs::exists(folder)) {
            continue;
        }
        for (const auto& entry : fs::directory_iterator(folder)) {
            inputs.push_back(entry.path());
        }
    }
    std::sort(inputs.begin(), inputs.end());
    return inputs;
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void replay(const std::string& target, void (*run)(std::string_view)) {
    const std::vector<fs::path> inputs = inputs_of(target);
    ASSERT_GE(inputs.size(), 5u);
    for (const fs::path& path : inputs) {
        const std::string input = read(path);
        try {
            run(input);
            // And whatever a stream that breaks off there would do.
            for (std::size_t size = 0; size < std::min<std::size_t>(input.size(), 300); ++size) {
                run(std::string_view(input).substr(0, size));
            }
        } catch (const Wrong& wrong) {
            ADD_FAILURE() << path << ": " << wrong.what();
        }
    }
}

TEST(FuzzReplay, ClientProtocol) {
    replay("protocol", try_protocol);
}

TEST(FuzzReplay, PeerFrames) {
    replay("peer_frames", try_peer_frames);
}

TEST(FuzzReplay, LogRecovery) {
    replay("log_recovery", try_log_recovery);
}

TEST(FuzzReplay, Config) {
    replay("config", try_config);
}

TEST(FuzzReplay, Texts) {
    replay("texts", try_texts);
}

TEST(FuzzReplay, SnapshotFiles) {
    replay("snapshot_files", try_snapshot_files);
}

TEST(FuzzReplay, Members) {
    replay("members", try_members);
}

}  // namespace
}  // namespace raftkv::fuzz
