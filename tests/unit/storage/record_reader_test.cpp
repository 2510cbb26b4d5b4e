#include "node/storage/record_reader.hpp"

#include <gtest/gtest.h>

#include "cli/test/simulation/memory_disk.hpp"

namespace raftkv::storage {
namespace {

constexpr std::uint64_t salt = 77;

std::unique_ptr<File> file_of(MemoryDisk& disk, const std::string& bytes) {
    disk.set_contents("file", bytes);
    auto file = disk.open("file", OpenMode::read_only);
    return std::move(*file);
}

std::string entry_record(const std::string& payload, std::uint64_t offset) {
    Record record;
    record.kind = RecordKind::entry;
    record.index = LogIndex(1);
    std::string bytes;
    encode_header(bytes, record, payload, {salt, offset});
    bytes += payload;
    bytes.resize(record_bytes(payload.size()));
    return bytes;
}

TEST(RecordReader, ReadsRecordsLargerAndSmallerThanItsBlocks) {
    std::string bytes;
    const std::vector<std::size_t> sizes{0, 1, 8, 200'000, 3, 131'072, 131'024, 0, 1'000'000, 5};
    for (std::size_t size : sizes) {
        bytes += entry_record(std::string(size, static_cast<char>('a' + size % 26)), bytes.size());
    }
    MemoryDisk disk;
    auto file = file_of(disk, bytes);
    RecordReader reader(*file, salt, 0, bytes.size());
    for (std::size_t size : sizes) {
        auto found = reader.next();
        ASSERT_TRUE(found);
        ASSERT_EQ(*found, RecordReader::Found::record) << size;
        EXPECT_EQ(reader.payload().view(), std::string(size, static_cast<char>('a' + size % 26)));
    }
    EXPECT_EQ(reader.offset(), bytes.size());
    EXPECT_EQ(reader.next().value(), RecordReader::Found::end);
}

TEST(RecordReader, EndsAtZerosAndAtItsLimit) {
    MemoryDisk disk;
    auto file = file_of(disk, entry_record("one", 0) + std::string(100, '\0'));
    RecordReader reader(*file, salt, 0, 156);
    EXPECT_EQ(reader.next().value(), RecordReader::Found::record);
    EXPECT_EQ(reader.next().value(), RecordReader::Found::end);
    EXPECT_EQ(reader.offset(), 56u);
    RecordReader limited(*file, salt, 0, 40);
    EXPECT_EQ(limited.next().value(), RecordReader::Found::end);
}

// A length that reaches past the segment, under a sum that is right: nothing is read or allocated.
TEST(RecordReader, ALengthPastTheLimitIsDamageWhateverItsSum) {
    MemoryDisk disk;
    const std::string whole = entry_record(std::string(50'000, 'x'), 0);
    auto file = file_of(disk, whole.substr(0, 4096));
    RecordReader reader(*file, salt, 0, 4096);
    EXPECT_EQ(reader.next().value(), RecordReader::Found::damage);
    EXPECT_EQ(reader.next().value(), RecordReader::Found::damage) << "and it stays there";
    EXPECT_EQ(reader.offset(), 0u);
}

TEST(RecordReader, AFileThatBecameShorterIsAnError) {
    MemoryDisk disk;
    auto file = file_of(disk, entry_record(std::string(5'000, 'x'), 0).substr(0, 1000));
    RecordReader reader(*file, salt, 0, 10'000);
    EXPECT_EQ(reader.next().error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace raftkv::storage
