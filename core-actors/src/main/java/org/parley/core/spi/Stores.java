package org.parley.core.spi;

import java.util.concurrent.CompletionStage;

/** All that a persistence module gives the others. */
public interface Stores {
  AudienceStore audiences();

  RunStore runs();

  DueWorkStore dueWork();

  Reports reports();

  IdempotencyStore idempotency();

  ApiKeyStore apiKeys();

  SecretStore secrets();

  EpochStore epochs();

  SubmissionStore submissions();

  CarrierOrderStore carrierOrders();

  AddressBook addresses();

  JournalHead journal();

  /** Whether the database answers; fails with the reason. */
  CompletionStage<Void> ping();
}
