const text = `
apiVersion: countersign/v1
kind: Policy
metadata: { name: storm, owner: group:reviewers }
spec:
  floor:
    review: { valid_for: 20m, channels: [page, api, slack], hold: { for: 1h } }
  rules:
    - { id: allowed, on: [postgres.export], when: data.maxRows == 1001, allow: { reason: LOW_RISK_READ } }
    - id: one-owner
      on: [postgres.export]
      when: data.maxRows == 1002
      review: { reason: BULK_EXPORT, approvals: [{ from: group:data-owners, count: 1 }], timeout: 2h }
    - id: two-people
      on: [postgres.export]
      when: data.maxRows == 1003
      review:
        reason: PII_EXPORT
        approvals: [{ from: group:data-owners, count: 1 }, { from: group:data-protection, count: 1 }]
        timeout: 2h
    - id: silence
      on: [postgres.export]
      when: data.maxRows == 1004
      review: { reason: BULK_EXPORT, approvals: [{ from: group:data-owners, count: 1 }], timeout: 4s }
    - { id: forbidden, on: [postgres.export], when: data.maxRows == 1005, deny: { reason: DLP_SECRET_EGRESS } }
`;

/** The rule follows from how many rows are asked for, so that the checker can know it without asking a policy. */
export const POLICY = [{ file: "storm.yaml", text }];
