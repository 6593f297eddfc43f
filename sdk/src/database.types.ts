export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      agents: {
        Row: {
          created_at: string;
          daily_cost_micros: number;
          daily_credits: number;
          daily_publications: number;
          id: string;
          may_publish: boolean;
          may_spend: boolean;
          updated_at: string;
          user_id: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          daily_cost_micros?: number;
          daily_credits?: number;
          daily_publications?: number;
          id: string;
          may_publish?: boolean;
          may_spend?: boolean;
          updated_at?: string;
          user_id: string;
          version?: number;
        };
        Update: {
          created_at?: string;
          daily_cost_micros?: number;
          daily_credits?: number;
          daily_publications?: number;
          id?: string;
          may_publish?: boolean;
          may_spend?: boolean;
          updated_at?: string;
          user_id?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "agents_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      brand_voices: {
        Row: {
          channel_id: string;
          created_at: string;
          id: string;
          version: number;
          voice: NonNullable<Json>;
        };
        ComputedFields: never;
        Insert: {
          channel_id: string;
          created_at?: string;
          id?: string;
          version: number;
          voice: NonNullable<Json>;
        };
        Update: {
          channel_id?: string;
          created_at?: string;
          id?: string;
          version?: number;
          voice?: NonNullable<Json>;
        };
        Relationships: [
          {
            foreignKeyName: "brand_voices_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
        ];
      };
      channel_members: {
        Row: {
          channel_id: string;
          created_at: string;
          role: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          channel_id: string;
          created_at?: string;
          role: string;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          channel_id?: string;
          created_at?: string;
          role?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "channel_members_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "channel_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      channels: {
        Row: {
          banned_topics: string[];
          brand_voice: NonNullable<Json>;
          brand_voice_version: number;
          created_at: string;
          features: NonNullable<Json>;
          handle: string | null;
          id: string;
          last_scored_at: string | null;
          last_synced_at: string | null;
          minimum_gap_minutes: number;
          posting_slots: NonNullable<Json>;
          purge_at: string | null;
          purge_told_at: string | null;
          state: string;
          state_reason: string | null;
          subscriber_count: number | null;
          sync: NonNullable<Json>;
          thumbnail_url: string | null;
          time_zone: string;
          title: string;
          updated_at: string;
          uploads_playlist_id: string | null;
          version: number;
          youtube_channel_id: string;
        };
        ComputedFields: never;
        Insert: {
          banned_topics?: string[];
          brand_voice?: NonNullable<Json>;
          brand_voice_version?: number;
          created_at?: string;
          features?: NonNullable<Json>;
          handle?: string | null;
          id?: string;
          last_scored_at?: string | null;
          last_synced_at?: string | null;
          minimum_gap_minutes?: number;
          posting_slots?: NonNullable<Json>;
          purge_at?: string | null;
          purge_told_at?: string | null;
          state?: string;
          state_reason?: string | null;
          subscriber_count?: number | null;
          sync?: NonNullable<Json>;
          thumbnail_url?: string | null;
          time_zone?: string;
          title: string;
          updated_at?: string;
          uploads_playlist_id?: string | null;
          version?: number;
          youtube_channel_id: string;
        };
        Update: {
          banned_topics?: string[];
          brand_voice?: NonNullable<Json>;
          brand_voice_version?: number;
          created_at?: string;
          features?: NonNullable<Json>;
          handle?: string | null;
          id?: string;
          last_scored_at?: string | null;
          last_synced_at?: string | null;
          minimum_gap_minutes?: number;
          posting_slots?: NonNullable<Json>;
          purge_at?: string | null;
          purge_told_at?: string | null;
          state?: string;
          state_reason?: string | null;
          subscriber_count?: number | null;
          sync?: NonNullable<Json>;
          thumbnail_url?: string | null;
          time_zone?: string;
          title?: string;
          updated_at?: string;
          uploads_playlist_id?: string | null;
          version?: number;
          youtube_channel_id?: string;
        };
        Relationships: [];
      };
      generated_content: {
        Row: {
          approved_hash: string | null;
          brief: NonNullable<Json>;
          channel_id: string;
          content_hash: string | null;
          cost_basis: string;
          cost_micros: number;
          created_at: string;
          created_by: string | null;
          decided_at: string | null;
          decided_by: string | null;
          decision_reason: string | null;
          failure: Json | null;
          finished_at: string | null;
          id: string;
          inspired_by: NonNullable<Json>;
          kind: string;
          model_answered: string | null;
          model_asked: string;
          origin: string;
          output: Json | null;
          parent_id: string | null;
          part: string | null;
          price_version: string;
          prompt_version: string;
          rated_at: string | null;
          rated_by: string | null;
          rating: number | null;
          rating_reason: string | null;
          reserved_micros: number;
          revision: number;
          root_id: string;
          seed: number;
          selected: number | null;
          source_id: string | null;
          source_item: number | null;
          started_at: string;
          state: string;
          title: string | null;
          updated_at: string;
          usage: NonNullable<Json>;
          version: number;
          voice_version: number;
          warnings: NonNullable<Json>;
        };
        ComputedFields: never;
        Insert: {
          approved_hash?: string | null;
          brief?: NonNullable<Json>;
          channel_id: string;
          content_hash?: string | null;
          cost_basis?: string;
          cost_micros?: number;
          created_at?: string;
          created_by?: string | null;
          decided_at?: string | null;
          decided_by?: string | null;
          decision_reason?: string | null;
          failure?: Json | null;
          finished_at?: string | null;
          id?: string;
          inspired_by?: NonNullable<Json>;
          kind: string;
          model_answered?: string | null;
          model_asked: string;
          origin: string;
          output?: Json | null;
          parent_id?: string | null;
          part?: string | null;
          price_version: string;
          prompt_version: string;
          rated_at?: string | null;
          rated_by?: string | null;
          rating?: number | null;
          rating_reason?: string | null;
          reserved_micros?: number;
          revision: number;
          root_id: string;
          seed: number;
          selected?: number | null;
          source_id?: string | null;
          source_item?: number | null;
          started_at?: string;
          state: string;
          title?: string | null;
          updated_at?: string;
          usage?: NonNullable<Json>;
          version?: number;
          voice_version: number;
          warnings?: NonNullable<Json>;
        };
        Update: {
          approved_hash?: string | null;
          brief?: NonNullable<Json>;
          channel_id?: string;
          content_hash?: string | null;
          cost_basis?: string;
          cost_micros?: number;
          created_at?: string;
          created_by?: string | null;
          decided_at?: string | null;
          decided_by?: string | null;
          decision_reason?: string | null;
          failure?: Json | null;
          finished_at?: string | null;
          id?: string;
          inspired_by?: NonNullable<Json>;
          kind?: string;
          model_answered?: string | null;
          model_asked?: string;
          origin?: string;
          output?: Json | null;
          parent_id?: string | null;
          part?: string | null;
          price_version?: string;
          prompt_version?: string;
          rated_at?: string | null;
          rated_by?: string | null;
          rating?: number | null;
          rating_reason?: string | null;
          reserved_micros?: number;
          revision?: number;
          root_id?: string;
          seed?: number;
          selected?: number | null;
          source_id?: string | null;
          source_item?: number | null;
          started_at?: string;
          state?: string;
          title?: string | null;
          updated_at?: string;
          usage?: NonNullable<Json>;
          version?: number;
          voice_version?: number;
          warnings?: NonNullable<Json>;
        };
        Relationships: [
          {
            foreignKeyName: "generated_content_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "generated_content_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "generated_content_decided_by_fkey";
            columns: ["decided_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "generated_content_parent_id_fkey";
            columns: ["parent_id"];
            isOneToOne: false;
            referencedRelation: "generated_content";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "generated_content_rated_by_fkey";
            columns: ["rated_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "generated_content_root_id_fkey";
            columns: ["root_id"];
            isOneToOne: false;
            referencedRelation: "generated_content";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "generated_content_source_id_fkey";
            columns: ["source_id"];
            isOneToOne: false;
            referencedRelation: "generated_content";
            referencedColumns: ["id"];
          },
        ];
      };
      performance_scores: {
        Row: {
          age_hours: number | null;
          baseline_video_ids: string[];
          basis: string;
          channel_id: string;
          checkpoint_hours: number | null;
          components: NonNullable<Json>;
          confidence: number | null;
          confidence_level: string | null;
          created_at: string;
          epoch: string | null;
          format: string | null;
          inspiration_order: number | null;
          label: string;
          log_multiplier: number | null;
          measures: NonNullable<Json>;
          model_version: string;
          multiplier: number | null;
          n: number;
          raw_multiplier: number | null;
          score: number | null;
          scored_at: string;
          timing_checkpoint_hours: number | null;
          timing_r: number | null;
          updated_at: string;
          video_id: string;
          withheld: string | null;
          z_total: number | null;
        };
        ComputedFields: never;
        Insert: {
          age_hours?: number | null;
          baseline_video_ids?: string[];
          basis: string;
          channel_id: string;
          checkpoint_hours?: number | null;
          components?: NonNullable<Json>;
          confidence?: number | null;
          confidence_level?: string | null;
          created_at?: string;
          epoch?: string | null;
          format?: string | null;
          inspiration_order?: number | null;
          label: string;
          log_multiplier?: number | null;
          measures?: NonNullable<Json>;
          model_version: string;
          multiplier?: number | null;
          n?: number;
          raw_multiplier?: number | null;
          score?: number | null;
          scored_at: string;
          timing_checkpoint_hours?: number | null;
          timing_r?: number | null;
          updated_at?: string;
          video_id: string;
          withheld?: string | null;
          z_total?: number | null;
        };
        Update: {
          age_hours?: number | null;
          baseline_video_ids?: string[];
          basis?: string;
          channel_id?: string;
          checkpoint_hours?: number | null;
          components?: NonNullable<Json>;
          confidence?: number | null;
          confidence_level?: string | null;
          created_at?: string;
          epoch?: string | null;
          format?: string | null;
          inspiration_order?: number | null;
          label?: string;
          log_multiplier?: number | null;
          measures?: NonNullable<Json>;
          model_version?: string;
          multiplier?: number | null;
          n?: number;
          raw_multiplier?: number | null;
          score?: number | null;
          scored_at?: string;
          timing_checkpoint_hours?: number | null;
          timing_r?: number | null;
          updated_at?: string;
          video_id?: string;
          withheld?: string | null;
          z_total?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: "performance_scores_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "performance_scores_video_id_fkey";
            columns: ["video_id"];
            isOneToOne: true;
            referencedRelation: "scored_videos";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "performance_scores_video_id_fkey";
            columns: ["video_id"];
            isOneToOne: true;
            referencedRelation: "videos";
            referencedColumns: ["id"];
          },
        ];
      };
      renders: {
        Row: {
          channel_id: string;
          confirmation: string | null;
          content_hash: string;
          content_id: string | null;
          cost_basis: string;
          created_at: string;
          credits_used: number | null;
          error: Json | null;
          estimate_basis: string;
          estimated_credits: number;
          file_bytes: number | null;
          file_content_type: string | null;
          file_duration_seconds: number | null;
          file_sha256: string | null;
          finished_at: string | null;
          found_by: string | null;
          id: string;
          last_polled_at: string | null;
          polls: number;
          progress: number | null;
          provider: string;
          provider_job_id: string | null;
          request: NonNullable<Json>;
          requested_by: string | null;
          state: string;
          submitted_at: string | null;
          thumbnail_url: string | null;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          channel_id: string;
          confirmation?: string | null;
          content_hash: string;
          content_id?: string | null;
          cost_basis?: string;
          created_at?: string;
          credits_used?: number | null;
          error?: Json | null;
          estimate_basis: string;
          estimated_credits: number;
          file_bytes?: number | null;
          file_content_type?: string | null;
          file_duration_seconds?: number | null;
          file_sha256?: string | null;
          finished_at?: string | null;
          found_by?: string | null;
          id?: string;
          last_polled_at?: string | null;
          polls?: number;
          progress?: number | null;
          provider?: string;
          provider_job_id?: string | null;
          request: NonNullable<Json>;
          requested_by?: string | null;
          state?: string;
          submitted_at?: string | null;
          thumbnail_url?: string | null;
          updated_at?: string;
          version?: number;
        };
        Update: {
          channel_id?: string;
          confirmation?: string | null;
          content_hash?: string;
          content_id?: string | null;
          cost_basis?: string;
          created_at?: string;
          credits_used?: number | null;
          error?: Json | null;
          estimate_basis?: string;
          estimated_credits?: number;
          file_bytes?: number | null;
          file_content_type?: string | null;
          file_duration_seconds?: number | null;
          file_sha256?: string | null;
          finished_at?: string | null;
          found_by?: string | null;
          id?: string;
          last_polled_at?: string | null;
          polls?: number;
          progress?: number | null;
          provider?: string;
          provider_job_id?: string | null;
          request?: NonNullable<Json>;
          requested_by?: string | null;
          state?: string;
          submitted_at?: string | null;
          thumbnail_url?: string | null;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "renders_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "renders_content_id_fkey";
            columns: ["content_id"];
            isOneToOne: false;
            referencedRelation: "generated_content";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "renders_requested_by_fkey";
            columns: ["requested_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      scheduled_uploads: {
        Row: {
          altered_content: boolean;
          bytes_sent: number;
          bytes_total: number | null;
          category_id: string;
          channel_id: string;
          created_at: string;
          created_by: string | null;
          description: string;
          id: string;
          intent: string;
          language: string | null;
          last_error: Json | null;
          local_time: string;
          made_for_kids: boolean;
          next_attempt_at: string | null;
          notify_subscribers: boolean;
          publish_at: string;
          published_at: string | null;
          reason: string | null;
          render_id: string;
          state: string;
          state_changed_at: string;
          tags: string[];
          thumbnail: string;
          thumbnail_error: Json | null;
          time_zone: string;
          title: string;
          title_key: string;
          told_at: string | null;
          updated_at: string;
          version: number;
          withdrawal_notice_at: string | null;
          youtube_publish_at: string | null;
          youtube_video_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          altered_content: boolean;
          bytes_sent?: number;
          bytes_total?: number | null;
          category_id?: string;
          channel_id: string;
          created_at?: string;
          created_by?: string | null;
          description?: string;
          id?: string;
          intent?: string;
          language?: string | null;
          last_error?: Json | null;
          local_time: string;
          made_for_kids: boolean;
          next_attempt_at?: string | null;
          notify_subscribers?: boolean;
          publish_at: string;
          published_at?: string | null;
          reason?: string | null;
          render_id: string;
          state?: string;
          state_changed_at?: string;
          tags?: string[];
          thumbnail?: string;
          thumbnail_error?: Json | null;
          time_zone: string;
          title: string;
          title_key: string;
          told_at?: string | null;
          updated_at?: string;
          version?: number;
          withdrawal_notice_at?: string | null;
          youtube_publish_at?: string | null;
          youtube_video_id?: string | null;
        };
        Update: {
          altered_content?: boolean;
          bytes_sent?: number;
          bytes_total?: number | null;
          category_id?: string;
          channel_id?: string;
          created_at?: string;
          created_by?: string | null;
          description?: string;
          id?: string;
          intent?: string;
          language?: string | null;
          last_error?: Json | null;
          local_time?: string;
          made_for_kids?: boolean;
          next_attempt_at?: string | null;
          notify_subscribers?: boolean;
          publish_at?: string;
          published_at?: string | null;
          reason?: string | null;
          render_id?: string;
          state?: string;
          state_changed_at?: string;
          tags?: string[];
          thumbnail?: string;
          thumbnail_error?: Json | null;
          time_zone?: string;
          title?: string;
          title_key?: string;
          told_at?: string | null;
          updated_at?: string;
          version?: number;
          withdrawal_notice_at?: string | null;
          youtube_publish_at?: string | null;
          youtube_video_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "scheduled_uploads_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "scheduled_uploads_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "scheduled_uploads_render_id_fkey";
            columns: ["render_id"];
            isOneToOne: false;
            referencedRelation: "renders";
            referencedColumns: ["id"];
          },
        ];
      };
      system_logs: {
        Row: {
          created_at: string;
          details: NonNullable<Json>;
          event_type: string;
          id: number;
          message: string;
          request_id: string | null;
          severity: string;
          source: string;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          details?: NonNullable<Json>;
          event_type: string;
          id?: never;
          message: string;
          request_id?: string | null;
          severity: string;
          source: string;
          user_id?: string | null;
        };
        Update: {
          created_at?: string;
          details?: NonNullable<Json>;
          event_type?: string;
          id?: never;
          message?: string;
          request_id?: string | null;
          severity?: string;
          source?: string;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "system_logs_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      usage_counters: {
        Row: {
          cost_micros: number;
          created_at: string;
          generations: number;
          input_tokens: number;
          output_tokens: number;
          period: string;
          render_credits: number;
          renders: number;
          reserved_micros: number;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          cost_micros?: number;
          created_at?: string;
          generations?: number;
          input_tokens?: number;
          output_tokens?: number;
          period: string;
          render_credits?: number;
          renders?: number;
          reserved_micros?: number;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          cost_micros?: number;
          created_at?: string;
          generations?: number;
          input_tokens?: number;
          output_tokens?: number;
          period?: string;
          render_credits?: number;
          renders?: number;
          reserved_micros?: number;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "usage_counters_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      users: {
        Row: {
          created_at: string;
          display_name: string | null;
          erasing_at: string | null;
          id: string;
          plan: NonNullable<Json>;
          time_zone: string;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          display_name?: string | null;
          erasing_at?: string | null;
          id: string;
          plan?: NonNullable<Json>;
          time_zone?: string;
          updated_at?: string;
          version?: number;
        };
        Update: {
          created_at?: string;
          display_name?: string | null;
          erasing_at?: string | null;
          id?: string;
          plan?: NonNullable<Json>;
          time_zone?: string;
          updated_at?: string;
          version?: number;
        };
        Relationships: [];
      };
      video_snapshots: {
        Row: {
          age_hours: number;
          average_view_percentage: number | null;
          basis: string;
          channel_id: string;
          comments: number | null;
          created_at: string;
          likes: number | null;
          observed_at: string;
          read_at: string;
          updated_at: string;
          video_id: string;
          views: number;
        };
        ComputedFields: never;
        Insert: {
          age_hours: number;
          average_view_percentage?: number | null;
          basis: string;
          channel_id: string;
          comments?: number | null;
          created_at?: string;
          likes?: number | null;
          observed_at: string;
          read_at?: string;
          updated_at?: string;
          video_id: string;
          views: number;
        };
        Update: {
          age_hours?: number;
          average_view_percentage?: number | null;
          basis?: string;
          channel_id?: string;
          comments?: number | null;
          created_at?: string;
          likes?: number | null;
          observed_at?: string;
          read_at?: string;
          updated_at?: string;
          video_id?: string;
          views?: number;
        };
        Relationships: [
          {
            foreignKeyName: "video_snapshots_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "video_snapshots_video_id_fkey";
            columns: ["video_id"];
            isOneToOne: false;
            referencedRelation: "scored_videos";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "video_snapshots_video_id_fkey";
            columns: ["video_id"];
            isOneToOne: false;
            referencedRelation: "videos";
            referencedColumns: ["id"];
          },
        ];
      };
      videos: {
        Row: {
          analytics_at: string | null;
          average_view_percentage: number | null;
          broadcast: string | null;
          category_id: string | null;
          channel_id: string;
          comments: number | null;
          contains_synthetic_media: boolean | null;
          counted_at: string | null;
          created_at: string;
          description: string | null;
          duration_seconds: number | null;
          format: string | null;
          format_checked_at: string | null;
          gone_at: string | null;
          id: string;
          language: string | null;
          likes: number | null;
          made_for_kids: boolean | null;
          next_checkpoint_at: string | null;
          privacy: string | null;
          publish_at: string | null;
          published_at: string | null;
          sync_pass: number;
          tags: string[];
          thumbnail_url: string | null;
          title: string;
          updated_at: string;
          upload_status: string | null;
          views: number | null;
          youtube_video_id: string;
        };
        ComputedFields: never;
        Insert: {
          analytics_at?: string | null;
          average_view_percentage?: number | null;
          broadcast?: string | null;
          category_id?: string | null;
          channel_id: string;
          comments?: number | null;
          contains_synthetic_media?: boolean | null;
          counted_at?: string | null;
          created_at?: string;
          description?: string | null;
          duration_seconds?: number | null;
          format?: string | null;
          format_checked_at?: string | null;
          gone_at?: string | null;
          id?: string;
          language?: string | null;
          likes?: number | null;
          made_for_kids?: boolean | null;
          next_checkpoint_at?: string | null;
          privacy?: string | null;
          publish_at?: string | null;
          published_at?: string | null;
          sync_pass?: number;
          tags?: string[];
          thumbnail_url?: string | null;
          title: string;
          updated_at?: string;
          upload_status?: string | null;
          views?: number | null;
          youtube_video_id: string;
        };
        Update: {
          analytics_at?: string | null;
          average_view_percentage?: number | null;
          broadcast?: string | null;
          category_id?: string | null;
          channel_id?: string;
          comments?: number | null;
          contains_synthetic_media?: boolean | null;
          counted_at?: string | null;
          created_at?: string;
          description?: string | null;
          duration_seconds?: number | null;
          format?: string | null;
          format_checked_at?: string | null;
          gone_at?: string | null;
          id?: string;
          language?: string | null;
          likes?: number | null;
          made_for_kids?: boolean | null;
          next_checkpoint_at?: string | null;
          privacy?: string | null;
          publish_at?: string | null;
          published_at?: string | null;
          sync_pass?: number;
          tags?: string[];
          thumbnail_url?: string | null;
          title?: string;
          updated_at?: string;
          upload_status?: string | null;
          views?: number | null;
          youtube_video_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "videos_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
        ];
      };
      webhook_deliveries: {
        Row: {
          attempts: NonNullable<Json>;
          body: string;
          channel_id: string | null;
          created_at: string;
          delivered_at: string | null;
          endpoint_id: string;
          event_id: string;
          event_type: string;
          forget: boolean;
          id: string;
          next_attempt_at: string | null;
          state: string;
          tries: number;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          attempts?: NonNullable<Json>;
          body: string;
          channel_id?: string | null;
          created_at?: string;
          delivered_at?: string | null;
          endpoint_id: string;
          event_id: string;
          event_type: string;
          forget?: boolean;
          id?: string;
          next_attempt_at?: string | null;
          state?: string;
          tries?: number;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          attempts?: NonNullable<Json>;
          body?: string;
          channel_id?: string | null;
          created_at?: string;
          delivered_at?: string | null;
          endpoint_id?: string;
          event_id?: string;
          event_type?: string;
          forget?: boolean;
          id?: string;
          next_attempt_at?: string | null;
          state?: string;
          tries?: number;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: "webhook_deliveries_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_deliveries_endpoint_id_fkey";
            columns: ["endpoint_id"];
            isOneToOne: false;
            referencedRelation: "webhook_endpoints";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_deliveries_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      webhook_endpoints: {
        Row: {
          channel_id: string | null;
          created_at: string;
          description: string | null;
          events: string[];
          failing_since: string | null;
          failures: number;
          id: string;
          last_delivered_at: string | null;
          resume_at: string | null;
          state: string;
          state_reason: string | null;
          updated_at: string;
          url: string;
          user_id: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          channel_id?: string | null;
          created_at?: string;
          description?: string | null;
          events?: string[];
          failing_since?: string | null;
          failures?: number;
          id?: string;
          last_delivered_at?: string | null;
          resume_at?: string | null;
          state?: string;
          state_reason?: string | null;
          updated_at?: string;
          url: string;
          user_id: string;
          version?: number;
        };
        Update: {
          channel_id?: string | null;
          created_at?: string;
          description?: string | null;
          events?: string[];
          failing_since?: string | null;
          failures?: number;
          id?: string;
          last_delivered_at?: string | null;
          resume_at?: string | null;
          state?: string;
          state_reason?: string | null;
          updated_at?: string;
          url?: string;
          user_id?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "webhook_endpoints_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_endpoints_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Views: {
      scored_videos: {
        Row: {
          average_view_percentage: number | null;
          baseline_video_ids: string[] | null;
          basis: string | null;
          channel_id: string;
          checkpoint_hours: number | null;
          comments: number | null;
          components: Json | null;
          confidence: number | null;
          confidence_level: string | null;
          counted_at: string | null;
          duration_seconds: number | null;
          format: string | null;
          gone_at: string | null;
          id: string;
          inspiration_order: number | null;
          label: string | null;
          likes: number | null;
          log_multiplier: number | null;
          measures: Json | null;
          model_version: string | null;
          multiplier: number | null;
          n: number | null;
          privacy: string | null;
          published_at: string | null;
          published_key: string | null;
          raw_multiplier: number | null;
          score: number | null;
          score_key: number | null;
          scored_at: string | null;
          scores_shown: boolean | null;
          thumbnail_url: string | null;
          title: string;
          views: number | null;
          withheld: string | null;
          youtube_video_id: string;
          z_total: number | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "videos_channel_id_fkey";
            columns: ["channel_id"];
            isOneToOne: false;
            referencedRelation: "channels";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Functions: {
      channel_insights: { Args: { p_channel: string }; Returns: Json };
      list_videos: {
        Args: {
          p_after_id?: string;
          p_after_key?: string;
          p_channel?: string;
          p_format?: string;
          p_from?: string;
          p_label?: string;
          p_limit?: number;
          p_sort?: string;
          p_to?: string;
          p_words?: string[];
        };
        Returns: {
          average_view_percentage: number;
          basis: string;
          channel_id: string;
          checkpoint_hours: number;
          comments: number;
          confidence: number;
          confidence_level: string;
          counted_at: string;
          duration_seconds: number;
          format: string;
          gone_at: string;
          id: string;
          label: string;
          likes: number;
          model_version: string;
          multiplier: number;
          n: number;
          page_key: string;
          privacy: string;
          published_at: string;
          raw_multiplier: number;
          score: number;
          scored_at: string;
          scores_shown: boolean;
          thumbnail_url: string;
          title: string;
          views: number;
          withheld: string;
          youtube_video_id: string;
          z_total: number;
        }[];
      };
      video_details: { Args: { p_video: string }; Returns: Json };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;
