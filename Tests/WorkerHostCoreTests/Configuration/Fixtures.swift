/// Every key of the original configuration, as users' files have them.
let originalKeys = """
    version: "1.0"
    task_manager:
      type: sqlite
      url: http://localhost:8000/api
      api_key: ${TASKMANAGER_API_KEY}
      poll_interval: 5
      timeout: 30
      max_retries: 4
      retry_backoff: 2.0
    workers:
      - name: youtube
        description: Scrapes videos
        project_path: ../YouTube
        venv_python: ../YouTube/venv/bin/python
        module: src.worker
        function: process_task
        task_types:
          - YouTube.*
          - Video.Scrape
        timeout: 600
        max_retries: 5
        metadata: {team: content, weight: 1.50, big: 12345678901234567890, on: yes, tags: [a, null, true]}
    logging:
      level: WARNING
      format: "%(asctime)s - %(name)s - %(levelname)s - %(message)s"
      file: logs/host.log
      max_bytes: 10485760
      backup_count: 7
      structured: true
      capture_worker_output: false
    monitoring:
      enabled: true
      metrics_port: 9090
      health_check_port: 8080
      metrics: {enabled: true, port: 9091, path: /m}
      health_check: {enabled: false, port: 8081, path: /h}
      observers:
        - type: logging
          enabled: true
        - type: metrics
          enabled: true
        - type: alerting
          enabled: false
    advanced:
      worker_pool: {enabled: true, min_workers: 1, max_workers: 10, idle_timeout: 300}
      resource_limits: {max_memory_mb: 512, max_cpu_percent: 80}
      security:
        validate_worker_paths: false
        allow_environment_variables: [LANG, HTTP_PROXY]
        restricted_modules: [os, subprocess]
    """

/// Every key that this project added.
let addedKeys = """
    version: 1
    state_dir: /var/lib/workerhost
    shutdown_timeout: 1m
    task_manager:
      type: sqlite
      path: data/queue.sqlite
      poll_interval: 250ms
      claim_timeout: 2m
      retries: host
      unknown_types: leave
      durability: power
      retry_backoff: 3
    workers:
      - name: any
        command: [/usr/bin/env, -i, 7, "true"]
        task_types: ["*"]
        timeout: 1d
        stop_grace: 0.5
        retry_backoff_max: 10m
        mode: pool
        format: msgpack
        concurrency: 3
        pool: {pipeline: 32}
        limits: {max_memory_mb: 64, max_reply_bytes: 4096, kept_error_bytes: 0, max_open_files: 100}
        schema: {type: object, required: [topic], properties: {topic: {type: string, pattern: "^a$"}}}
        environment: {PORT: 8080, EMPTY: "", FLAG: yes, TEXT: a b}
        inherit_environment: [HOME]
        sandbox: {network: false}
    """
