package org.parley.agents.email.inbound;

import org.parley.core.api.AttemptId;

/** Reports in the forms that mail servers send, written for these tests. */
final class Samples {
  static final AttemptId ATTEMPT = new AttemptId("abcdefghijklmnopqrstuvwxyz");

  private Samples() {}

  private static final String RETURNED =
      """
      Return-Path: <bounce+tok-inside@reply.example>
      From: Shop <shop@shop.example>
      Reply-To: <reply+tok-inside@reply.example>
      To: <ann@customer.example>
      Subject: Hello
      Message-ID: <abcdefghijklmnopqrstuvwxyz@shop.example>

      """;

  /** As Postfix writes them. */
  static String postfix(String action, String status, String diagnostic) {
    return """
        From: MAILER-DAEMON@mx.customer.example (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender
        To: bounce@reply.example
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="4C5F.1700000000/mx.customer.example"
        Message-Id: <20261124.4C5F@mx.customer.example>

        This is a MIME-encapsulated message.

        --4C5F.1700000000/mx.customer.example
        Content-Description: Notification
        Content-Type: text/plain; charset=us-ascii

        This is the mail system at host mx.customer.example.

        I'm sorry to have to inform you that your message could not be delivered.

        --4C5F.1700000000/mx.customer.example
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.customer.example
        X-Postfix-Queue-ID: 4C5F
        Arrival-Date: Tue, 24 Nov 2026 10:00:00 +0000 (UTC)

        Final-Recipient: rfc822; ann@customer.example
        Original-Recipient: rfc822;ann@customer.example
        Action: %s
        Status: %s
        Remote-MTA: dns; inner.customer.example
        Diagnostic-Code: smtp; %s

        --4C5F.1700000000/mx.customer.example
        Content-Description: Undelivered Message Headers
        Content-Type: text/rfc822-headers

        %s
        --4C5F.1700000000/mx.customer.example--
        """
        .formatted(action, status, diagnostic, RETURNED);
  }

  /** As Exchange writes them: HTML first, folded diagnostics, and In-Reply-To at the top. */
  static String exchange() {
    return """
        From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example>
        To: <bounce+tok-2@reply.example>
        Date: Tue, 24 Nov 2026 10:00:00 +0000
        Content-Type: multipart/report; report-type=delivery-status;
         boundary="_9f5e_"
        X-MS-Exchange-Message-Is-Ndr:
        Message-ID: <6b1c@EX01.corp.example>
        In-Reply-To: <abcdefghijklmnopqrstuvwxyz@shop.example>
        References: <abcdefghijklmnopqrstuvwxyz@shop.example>
        Subject: Undeliverable: Hello
        Auto-Submitted: auto-replied
        MIME-Version: 1.0

        --_9f5e_
        Content-Type: multipart/alternative; boundary="_inner_"

        --_inner_
        Content-Type: text/plain; charset="us-ascii"

        Delivery has failed to these recipients or groups:
        --_inner_
        Content-Type: text/html; charset="us-ascii"

        <html><body><p><b>Delivery has failed</b></p></body></html>
        --_inner_--

        --_9f5e_
        Content-Type: message/delivery-status

        Reporting-MTA: dns;EX01.corp.example
        Received-From-MTA: dns;mail.shop.example

        Final-Recipient: rfc822;ann@corp.example
        Action: failed
        Status: 5.1.10
        Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient
         ann@corp.example not found by SMTP address lookup

        --_9f5e_
        Content-Type: message/rfc822

        %s
        Hello

        --_9f5e_--
        """
        .formatted(RETURNED);
  }

  /** As Gmail writes them: a related part inside, and a diagnostic of several lines. */
  static String gmail() {
    return """
        Return-Path: <>
        From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
        To: bounce+tok-3@reply.example
        Auto-Submitted: auto-replied
        Subject: Delivery Status Notification (Failure)
        References: <abcdefghijklmnopqrstuvwxyz@shop.example>
        In-Reply-To: <abcdefghijklmnopqrstuvwxyz@shop.example>
        X-Failed-Recipients: ann@gmail.example
        Message-ID: <65f0.gmr@mx.google.com>
        Content-Type: multipart/report; boundary="0000000000008a"; report-type=delivery-status

        --0000000000008a
        Content-Type: multipart/related; boundary="0000000000008b"

        --0000000000008b
        Content-Type: multipart/alternative; boundary="0000000000008c"

        --0000000000008c
        Content-Type: text/plain; charset="UTF-8"

        ** Message blocked **
        --0000000000008c
        Content-Type: text/html; charset="UTF-8"

        <html><body>Message blocked</body></html>
        --0000000000008c--
        --0000000000008b
        Content-Type: image/png; name="icon.png"
        Content-Disposition: attachment; filename="icon.png"
        Content-Transfer-Encoding: base64

        iVBORw0KGgo=
        --0000000000008b--
        --0000000000008a
        Content-Type: message/delivery-status

        Reporting-MTA: dns; googlemail.com
        Arrival-Date: Tue, 24 Nov 2026 02:00:00 -0800 (PST)
        X-Original-Message-ID: <abcdefghijklmnopqrstuvwxyz@shop.example>

        Final-Recipient: rfc822; ann@gmail.example
        Action: failed
        Status: 4.4.7
        Diagnostic-Code: smtp; 452-4.2.2 The recipient's inbox is out of storage space. Please
         452-4.2.2 direct the recipient to clear it.
        Last-Attempt-Date: Tue, 24 Nov 2026 02:00:00 -0800 (PST)

        --0000000000008a
        Content-Type: message/rfc822

        %s
        Hello
        --0000000000008a--
        """
        .formatted(RETURNED);
  }

  /** As qmail writes them: no report at all. */
  static String qmail() {
    return """
        From: MAILER-DAEMON@old.example
        To: bounce+tok-4@reply.example
        Subject: failure notice
        Date: 24 Nov 2026 10:00:00 -0000

        Hi. This is the qmail-send program at old.example.
        I'm afraid I wasn't able to deliver your message to the following addresses.

        <ann@old.example>:
        Sorry, no mailbox here by that name. (#5.1.1)

        --- Below this line is a copy of the message.

        %s
        Hello
        """
        .formatted(RETURNED);
  }

  /** A complaint as mailbox providers send them (RFC 5965), with the person's address removed. */
  static String complaint(String type) {
    return """
        From: <staff@provider.example>
        To: <fbl@reply.example>
        Subject: complaint about message from 192.0.2.1
        MIME-Version: 1.0
        Message-ID: <arf-1@provider.example>
        Content-Type: multipart/report; report-type=feedback-report; boundary="part1"

        --part1
        Content-Type: text/plain; charset="US-ASCII"

        This is an email abuse report.

        --part1
        Content-Type: message/feedback-report

        Feedback-Type: %s
        User-Agent: SomeGenerator/1.0
        Version: 1
        Original-Rcpt-To: <ann@customer.example>

        --part1
        Content-Type: message/rfc822
        Content-Disposition: inline

        %s
        Hello
        --part1--
        """
        .formatted(type, RETURNED);
  }
}
