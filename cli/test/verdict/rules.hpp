#pragma once

#include <vector>

#include "cli/test/verdict/key_timeline.hpp"
#include "cli/test/verdict/verdict.hpp"

// The rules behind judge(), one file for each group.

namespace raftkv::test {

// Versions of the whole history: unique, and rising in real time.
void judge_versions(const History& history, Instant epoch, std::vector<Anomaly>& found);

// What reads returned.
void judge_reads(const KeyTimeline& key, Instant epoch, std::vector<Anomaly>& found);

// What writes said about the key that they met, by succeeding or by being refused.
void judge_writes(const KeyTimeline& key, Instant epoch, std::vector<Anomaly>& found);

// ERR_NOT_FOUND, and whatever else says that the key was absent: `absence` is that operation.
void judge_absence(const KeyTimeline& key, const Operation& absence, AnomalyKind kind,
                   Instant epoch, std::vector<Anomaly>& found);

}  // namespace raftkv::test
