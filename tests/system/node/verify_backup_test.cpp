#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/cluster/child_process.hpp"
#include "cli/test/work_folder.hpp"
#include "common/bytes.hpp"
#include "node/kv/command.hpp"
#include "node/kv/store.hpp"
#include "node/raft/membership.hpp"
#include "node/storage/posix_disk.hpp"
#include "node/storage/snapshot_writer.hpp"

// `raftkv node verify`, on a file: a backup, and what may become of one.

namespace raftkv::system_test {
namespace {

namespace fs = std::filesystem;
using storage::snapshot_chunk_header_bytes;
using storage::snapshot_footer_bytes;
using storage::snapshot_header_bytes;

const raft::SnapshotId state_id{LogIndex(2000), Term(3)};

std::vector<std::string> chunks_of_some_keys() {
    kv::Store store;
    for (std::uint64_t index = 1; index <= 2000; ++index) {
        const std::string key = "key" + std::to_string(index);
        std::string command;
        kv::encode({kv::CommandOp::set, ClusterMs(1), 0, 0, key, std::string(100, 'v')}, command);
        store.apply(LogIndex(index), command);
    }
    std::vector<std::string> chunks;
    store.begin_snapshot();
    for (std::string chunk; store.read_snapshot(chunk); chunk.clear())
        if (!chunk.empty()) chunks.push_back(chunk);
    return chunks;
}

class VerifyBackup : public testing::Test {
  protected:
    struct Ended {
        int code = -1;
        std::string said;
    };

    VerifyBackup() {
        const std::vector<NodeId> servers{NodeId(0), NodeId(1), NodeId(2)};
        members_ = raft::encode(raft::first_membership(servers));
        good_ = file_of(chunks_of_some_keys(), members_, state_id);
    }

    // A file whose sums are all right, whatever is in it.
    std::string file_of(const std::vector<std::string>& chunks, const std::string& members,
                        const raft::SnapshotId& id) {
        auto disk = storage::open_posix_disk((folder_.path() / "made").string());
        EXPECT_TRUE(disk.ok());
        auto writer = storage::SnapshotWriter::create(**disk, {0xc1u, id, members});
        EXPECT_TRUE(writer.ok());
        for (const std::string& chunk : chunks) EXPECT_TRUE((*writer)->add(chunk).ok());
        EXPECT_TRUE((*writer)->finish().ok());
        return content(folder_.path() / "made" / storage::snapshot_name(id.index));
    }
    static std::string content(const fs::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    Ended verify(const fs::path& file, const std::vector<std::string>& options = {}) {
        cli::ChildSpec spec;
        spec.program = RAFTKV_BINARY;
        spec.arguments = {"node", "verify", file.string()};
        spec.arguments.insert(spec.arguments.end(), options.begin(), options.end());
        spec.output_file = folder_.path() / "said.txt";
        fs::remove(spec.output_file);
        auto child = cli::ChildProcess::start(spec);
        EXPECT_TRUE(child.ok());
        const auto end = child->wait_for(std::chrono::seconds(20));
        return {end && !end->signalled ? end->code : -1, content(spec.output_file)};
    }
    Ended verify_bytes(const std::string& bytes) {
        const fs::path file = folder_.path() / "a.backup";
        std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
        const Ended ended = verify(file);
        EXPECT_TRUE(content(file) == bytes) << "and it is left alone";
        return ended;
    }
    void expect_damaged(const std::string& bytes, const std::string& words) {
        const Ended ended = verify_bytes(bytes);
        EXPECT_EQ(ended.code, 65) << words << ": " << ended.said;
        EXPECT_NE(ended.said.find(words), std::string::npos) << words << ": " << ended.said;
        EXPECT_EQ(ended.said.find("verdict   good"), std::string::npos) << ended.said;
    }
    std::string with_flipped_bit(std::size_t at) const {
        std::string bytes = good_;
        bytes.at(at) = static_cast<char>(bytes.at(at) ^ 0x10);
        return bytes;
    }
    std::size_t chunks_at() const {
        return snapshot_header_bytes + storage::padded(members_.size());
    }

    test::WorkFolder folder_ = std::move(test::WorkFolder::create()).value();
    std::string members_;
    std::string good_;
};

TEST_F(VerifyBackup, a_good_one_says_what_is_in_it) {
    const Ended text = verify_bytes(good_);
    EXPECT_EQ(text.code, 0) << text.said;
    for (const char* line : {"of cluster 00000000000000c1", "2000 keys after entry 2000 of term 3",
                             "verdict   good: a cluster can be restored from this"})
        EXPECT_NE(text.said.find(line), std::string::npos) << text.said;
    const Ended as_json = verify(folder_.path() / "a.backup", {"--json"});
    EXPECT_EQ(as_json.code, 0) << as_json.said;
    const auto report = nlohmann::json::parse(as_json.said);
    EXPECT_EQ(report["keys"], 2000);
    EXPECT_EQ(report["bytes"], good_.size());
}

TEST_F(VerifyBackup, each_part_of_it_may_be_damaged) {
    expect_damaged(with_flipped_bit(0), "the header is damaged");
    expect_damaged(with_flipped_bit(snapshot_header_bytes - 1), "the header is damaged");
    expect_damaged(with_flipped_bit(snapshot_header_bytes), "the members are damaged");
    expect_damaged(with_flipped_bit(chunks_at()), "damaged at offset");  // the length of a chunk
    expect_damaged(with_flipped_bit(chunks_at() + 5), "neither a chunk nor the end");
    expect_damaged(with_flipped_bit(chunks_at() + 8), "a chunk is damaged");  // its sum
    expect_damaged(with_flipped_bit(chunks_at() + snapshot_chunk_header_bytes),
                   "a chunk is damaged");
    expect_damaged(with_flipped_bit(good_.size() / 2), "a chunk is damaged");
    expect_damaged(with_flipped_bit(good_.size() - snapshot_footer_bytes + 8),
                   "the end of the snapshot is damaged");
    expect_damaged(with_flipped_bit(good_.size() - 1), "the end of the snapshot is damaged");
}

TEST_F(VerifyBackup, it_may_be_too_short_or_too_long) {
    expect_damaged("", "too short");
    expect_damaged(good_.substr(0, snapshot_header_bytes), "too short");
    expect_damaged(good_.substr(0, chunks_at() + 1000), "damaged at offset");
    expect_damaged(good_.substr(0, good_.size() - snapshot_footer_bytes), "the file ends before");
    expect_damaged(good_.substr(0, good_.size() - 1), "the file ends before");
    expect_damaged(good_ + "more", "there is something after the end");
    expect_damaged(good_ + good_, "there is something after the end");
}

TEST_F(VerifyBackup, parts_of_two_may_have_been_put_together) {
    std::vector<std::string> other_chunks = chunks_of_some_keys();
    const std::string swapped_from = file_of(other_chunks, members_, state_id);
    ASSERT_EQ(swapped_from, good_) << "equal states are equal files";
    std::string changed = other_chunks[1];
    changed.back() = 'w';
    other_chunks[1] = changed;
    const std::string other = file_of(other_chunks, members_, state_id);
    const std::size_t second = good_.size() - snapshot_footer_bytes - 100;
    expect_damaged(good_.substr(0, good_.size() - snapshot_footer_bytes) +
                       other.substr(other.size() - snapshot_footer_bytes),
                   "the chunks are not those");
    expect_damaged(good_.substr(0, second) + other.substr(second), "damaged at offset");
}

// Whoever made these knew how sums are made.
TEST_F(VerifyBackup, what_is_in_it_may_be_no_state) {
    const std::vector<std::string> chunks = chunks_of_some_keys();
    expect_damaged(file_of({"no store was ever like this"}, members_, state_id),
                   "the snapshot of the keys is damaged");
    expect_damaged(file_of({chunks.begin(), chunks.end() - 1}, members_, state_id),
                   "its end is missing");
    expect_damaged(file_of({chunks.begin() + 1, chunks.end()}, members_, state_id),
                   "it begins with no header");
    std::vector<std::string> other = chunks;
    other[0].back() = 'w';
    expect_damaged(file_of(other, members_, state_id), "another hash than it says");
    expect_damaged(file_of(chunks, "nobody", state_id), "who the members are");
    expect_damaged(file_of(chunks, members_, {LogIndex(1999), Term(3)}), "a later entry");
}

TEST_F(VerifyBackup, what_is_no_file_is_refused) {
    EXPECT_EQ(verify(folder_.path() / "nowhere").code, 64);
    expect_damaged(
        "{\"key\":\"a dump is no backup\",\"value\":\"" + std::string(200, 'v') + "\"}\n",
        "the header is damaged, or of a format that this program does not know");
}

}  // namespace
}  // namespace raftkv::system_test
