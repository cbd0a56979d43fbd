package org.parley.core.audience;

import java.util.ArrayList;
import java.util.List;
import org.parley.core.api.ImportReport;
import org.parley.core.api.Reject;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.Member;

/** Remembers what an import wrote. */
final class RecordedAudience implements AudienceWriter {
  final List<Member> members = new ArrayList<>();
  final List<Reject> rejects = new ArrayList<>();
  boolean committed;

  @Override
  public void add(Member member) {
    members.add(member);
  }

  @Override
  public void reject(Reject reject) {
    rejects.add(reject);
  }

  @Override
  public ImportReport commit(List<String> columns) {
    committed = true;
    return new ImportReport(members.size(), rejects.size(), 0, columns);
  }

  @Override
  public void close() {}

  /** The accepted customers' ids, in order. */
  List<String> ids() {
    return members.stream().map(Member::customerId).toList();
  }

  /** The lines of the rejects, in order. */
  List<Long> rejectedLines() {
    return rejects.stream().map(Reject::line).toList();
  }
}
