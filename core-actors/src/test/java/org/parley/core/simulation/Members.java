package org.parley.core.simulation;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.Audience;
import org.parley.core.api.Page;
import org.parley.core.api.Reject;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.Member;

/** The one audience of a schedule, as runs read it. */
record Members(Tables tables) implements AudienceStore {
  @Override
  public CompletionStage<List<Member>> members(
      String audienceId, int slice, long afterPosition, int limit) {
    return tables.members(slice, afterPosition, limit);
  }

  @Override
  public CompletionStage<Audience> create(String tenant, String audienceId, String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Optional<Audience>> find(String tenant, String audienceId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public AudienceWriter openWriter(String tenant, String audienceId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Page<Reject>> rejects(
      String tenant, String audienceId, Optional<String> cursor, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Optional<Audience>> freeze(String tenant, String audienceId) {
    throw new UnsupportedOperationException();
  }
}
