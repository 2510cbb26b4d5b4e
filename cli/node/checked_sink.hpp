#pragma once

#include <fmt/format.h>

#include <string>

#include "node/kv/command.hpp"
#include "node/replica/store_sink.hpp"

namespace raftkv::cli {

// Makes the state of a folder that nobody vouches for: an entry that is no command, which a node
// would end at, is noted and passed over.
class CheckedSink final : public replica::StoreSink {
  public:
    void start() override {
        StoreSink::start();
        objection_.clear();
    }
    void committed(const raft::Entry& entry) override {
        if (entry.kind == raft::EntryKind::command && !kv::decode(entry.payload.view())) {
            objection_ = fmt::format("entry {} is no command of this program", entry.index.value());
            return;
        }
        if (entry.kind == raft::EntryKind::members &&
            !raft::decode_membership(entry.payload.view())) {
            objection_ =
                fmt::format("entry {} does not say who the members are", entry.index.value());
            return;
        }
        StoreSink::committed(entry);
    }

    const std::string& objection() const { return objection_; }

  private:
    std::string objection_;
};

}  // namespace raftkv::cli
